"""The command, run in this process or in one of its own, and how a run of it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from forked import Forked, can_fork

from vidstyle.batch import calibrate
from vidstyle.cli.main import run
from vidstyle.settings import PRESETS


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Vidstyle = Callable[..., Ended]


def spawned(
    *arguments: str | Path, before: Callable[[], None] | None = None, **options: Any
) -> Forked | subprocess.Popen[str]:
    """A process that runs the command; one thread, as `one_thread` says.

    Where processes can be forked, `before` is called in it first: a function of a module.
    """
    told = [os.fspath(argument) for argument in arguments]
    if can_fork:
        return Forked(told, before, **options)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-m", "vidstyle", *told], text=True, env=environment, **options)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Pictures this small are slower on several threads, much slower on busy cores.

    Holds where it is imported.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def hasten() -> None:
    """Qualities take a step where they take many, and the machine is measured once, in this process."""
    for name, settings in PRESETS.items():
        few = {"first_steps": tuple(2 for _ in settings.first_steps), "steps": 1, "min_steps": 1}
        few = {"practice": 0} if name == "live" else few
        PRESETS[name] = replace(settings, **few)
    calibrate.ROUNDS = 1


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """`hasten`, for as long as a test takes: one of what commands do with frames, however they look."""
    for name, settings in PRESETS.items():
        monkeypatch.setitem(PRESETS, name, settings)
    monkeypatch.setattr(calibrate, "ROUNDS", calibrate.ROUNDS)
    hasten()


@pytest.fixture
def vidstyle(capsys: pytest.CaptureFixture[str]) -> Vidstyle:
    """The command, run in this process: quick, since torch is imported once."""

    def command(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = run([os.fspath(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return command
