"""Encoders that would run before everything else on the machine."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def ordinary_priority() -> Iterator[None]:
    """Leave this thread, and those that are begun in it, at the scheduling that this one has.

    SVT-AV1 makes its threads and the one that opens it real-time (SCHED_FIFO 99) where root runs it, as in a
    container, and never puts that back: whatever the process starts later is real-time as well.
    """
    if sys.platform != "linux":
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    others = set(_threads()) - {threading.get_native_id()}
    try:
        yield
    finally:
        for thread in set(_threads()) - others:
            with suppress(OSError):  # it ended meanwhile
                if os.sched_getscheduler(thread) != policy:
                    os.sched_setscheduler(thread, policy, parameters)


def _threads() -> list[int]:
    return [int(entry.name) for entry in Path("/proc/self/task").iterdir()]
