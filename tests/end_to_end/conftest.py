from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `commands` and `tiny_media` lie here

import torch
from commands import Ended, Vidstyle
from tiny_media import write_clip, write_image

from vidstyle.cli.main import run


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Pictures this small are slower on several threads, much slower on busy cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def vidstyle(capsys: pytest.CaptureFixture[str]) -> Vidstyle:
    """The command, run in this process: quick, since torch is imported once."""

    def command(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = run([os.fspath(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: clip.mp4 (4 frames, 64x48, sound) and style.png lie in it."""
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4")
    write_image(tmp_path / "style.png")
    return tmp_path
