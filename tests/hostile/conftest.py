from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))  # `commands` lies there

import torch
from commands import Ended, Vidstyle
from fuzzing import seeds

from vidstyle.cli.main import run

Write = Callable[..., Path]


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Pictures this small are slower on several threads, much slower on busy cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def sound() -> dict[str, tuple[str, bytes]]:
    """A suffix and the bytes of a sound file of every kind, 64x48, 8 frames."""
    return seeds.seeds()


@pytest.fixture
def vidstyle(capsys: pytest.CaptureFixture[str]) -> Vidstyle:
    """The command, run in this process: quick, since torch is imported once."""

    def command(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = run([os.fspath(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sound: dict[str, tuple[str, bytes]]) -> Path:
    """The working folder: clip.mp4, photo.png and style.png lie in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(sound["mp4"][1])
    for name in ("photo.png", "style.png"):
        (tmp_path / name).write_bytes(sound["png"][1])
    return tmp_path
