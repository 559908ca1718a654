"""Who may import whom: the contracts in pyproject.toml, and what is true once modules are loaded."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
CONFIGURATION = ROOT / "pyproject.toml"


def test_every_import_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(CONFIGURATION), no_cache=True)
    assert not broken, capsys.readouterr().out


def test_a_broken_contract_would_be_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = """
        [importlinter]
        root_package = vidstyle
        include_external_packages = True

        [importlinter:contract:1]
        name = Features know nothing of torch
        type = forbidden
        source_modules = vidstyle.features
        forbidden_modules = torch
    """
    configuration = tmp_path / ".importlinter"
    configuration.write_text("\n".join(line.strip() for line in wrong.splitlines()))
    assert lint_imports(config_filename=str(configuration), no_cache=True)


def test_every_room_stands_in_the_layers() -> None:
    contracts = tomllib.loads(CONFIGURATION.read_text())["tool"]["importlinter"]["contracts"]
    named = " ".join(contracts[0]["layers"])
    rooms = [path.parent.name for path in (ROOT / "vidstyle").glob("*/__init__.py")]
    assert "cli" in rooms
    assert [room for room in rooms if f"vidstyle.{room}" not in named] == []


# One process for modules that load ever more: to import torch takes two seconds.
@pytest.mark.parametrize(
    "unwanted",
    [
        {"vidstyle": "torch cv2 av numpy typer", "vidstyle.cli.main": "torch cv2 av numpy"},
        {"vidstyle.media": "torch torchvision"},
        {"vidstyle.motion": "torch torchvision"},
        {"vidstyle.features": "torchvision cv2 av", "vidstyle.synthesis": "torchvision av"},
    ],
    ids=" ".join,
)
def test_a_module_loads_nothing_that_it_does_not_need(unwanted: dict[str, str]) -> None:
    code = "import sys\n" + "".join(
        f"import {module}; print(*({module!r} + ' ' + x for x in {names.split()!r} if x in sys.modules))\n"
        for module, names in unwanted.items()
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
