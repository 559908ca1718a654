"""The wheel and the sdist: what is in them, and that the wheel works where nothing of the repository is."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow  # builds in environments of their own


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def package_files() -> set[str]:
    """What belongs to the package: its modules, assets and the mark of types."""
    found = (ROOT / "vidstyle").rglob("*")
    kinds = {".py", ".safetensors", ".md", ".typed", ".html", ".js", ".css"}
    return {path.relative_to(ROOT).as_posix() for path in found if path.suffix in kinds or path.stem == "py"}


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if not name.startswith("vidstyle-")}
        rest = {name.partition("/")[2] for name in opened.namelist()} - {n.partition("/")[2] for n in names}
    assert names == package_files()
    assert rest == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}
    assert wheel.stat().st_size < 20e6


def test_the_sdist_holds_what_a_build_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames() if not opened.getmember(name).isdir()}
    kept = {name for name in names if not name.startswith("vidstyle.egg-info/")}
    beside = {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "MANIFEST.in",
        "PKG-INFO",
        "setup.cfg",
    }
    assert kept == package_files() | beside


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The command of a fresh environment with the wheel; it borrows the dependencies of this one."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    (wheel,) = built.glob("*.whl")
    pip = [scripts / "python", "-m", "pip", "install", "--quiet", "--no-deps", wheel]
    # A PYTHONPATH would show pip the repository as installed already.
    subprocess.run(pip, check=True, env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"})
    (own,) = {Path(path) for path in folder.rglob("site-packages")}
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    yield scripts / "vidstyle"


def ran(command: list[str | Path], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_command_works_away_from_the_repository(installed: Path, tmp_path: Path) -> None:
    assert "stylize" in ran([installed, "--help"], tmp_path)
    assert "standard" in ran([installed, "presets"], tmp_path)
    where = ran([installed.with_name("python"), "-c", "import vidstyle; print(vidstyle.__file__)"], tmp_path)
    assert installed.parents[1] in Path(where).parents


def test_the_installed_command_paints(installed: Path, tmp_path: Path) -> None:
    """The built-in network's weights came along."""
    import cv2
    import numpy as np

    for seed, name in enumerate(("photo.png", "style.png")):
        noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / name), cv2.resize(noise, (64, 48)))
    ran([installed, "stylize", "photo.png", "style.png", "-o", "out.png", "-q", "draft"], tmp_path)
    few = ("--practice", "2")
    ran([installed, "stylize", "photo.png", "style.png", "-o", "live.png", "-q", "live", *few], tmp_path)
    assert cv2.imread(str(tmp_path / "out.png")).shape == (48, 64, 3)
