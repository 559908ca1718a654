"""How long threads that compute together stay awake for each other."""

from __future__ import annotations

import os

BRIEFLY = {"GOMP_SPINCOUNT": "300", "KMP_BLOCKTIME": "1"}
"""Of GNU's OpenMP (torch for Linux) some ten microseconds, of LLVM's and Intel's a millisecond."""


def wait_briefly() -> None:
    """Let OpenMP's threads sleep soon where they wait for each other; call this before torch is imported.

    By default they stay awake for some ten milliseconds, of LLVM's 200. On a machine that does nothing else
    that gains a live picture some milliseconds; beside a browser or another render those that wait keep the
    cores from those waited for, and frames take half as long again (`benchmarks/beside.py`). What the user
    has set stays.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        for name, value in BRIEFLY.items():
            os.environ.setdefault(name, value)
