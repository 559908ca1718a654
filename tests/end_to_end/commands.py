"""The command, run in a process of its own, and how a run of it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Vidstyle = Callable[..., Ended]


def spawned(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """A process that runs the command; one thread, as `one_thread` says."""
    return subprocess.Popen(
        [sys.executable, "-m", "vidstyle", *map(os.fspath, arguments)],
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        **options,
    )
