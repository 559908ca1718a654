"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import hypothesis
import pytest

# The same examples each time: what a change broke is told from what chance finds. `benchmarks/fuzz.py` goes
# looking; `pytest --hypothesis-profile=default tests/hostile` does too.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")

# A shell starts its background jobs with Ctrl-C ignored, children inherit that, and Python then leaves it
# so: commands that tests interrupt would go on. Any handler set here is the default one in a child.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Styles that tests practise are kept in a folder of theirs, not in the user's cache."""
    before = os.environ.get("VIDSTYLE_CACHE")
    os.environ["VIDSTYLE_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    del os.environ["VIDSTYLE_CACHE"]
    if before is not None:
        os.environ["VIDSTYLE_CACHE"] = before


@pytest.fixture(scope="session", autouse=True)
def no_power_cuts() -> Iterator[None]:
    """Nothing waits until a file is on the disk: that takes a while, and only a power cut could tell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda handle: None)
        yield


ORDINARY = (os.sched_getscheduler(0), os.sched_getparam(0)) if hasattr(os, "sched_getscheduler") else None
"""How this process was scheduled when it began."""


@pytest.fixture(autouse=True)
def ordinary_priority() -> Iterator[None]:
    """SVT-AV1, run by root, makes the thread that opens it real-time for good, and with it what that starts.

    All later tests would then run before everything else on the machine, and be timed so. Fixtures of a
    module come before this one: what their films left is put back before a test as well.
    """
    _schedule_as_at_first()
    yield
    _schedule_as_at_first()


def _schedule_as_at_first() -> None:
    if ORDINARY is None:
        return
    for entry in Path("/proc/self/task").iterdir():
        thread = int(entry.name)
        with suppress(ProcessLookupError):  # it ended meanwhile
            if os.sched_getscheduler(thread) != ORDINARY[0]:
                os.sched_setscheduler(thread, *ORDINARY)


@pytest.fixture(scope="session")
def live_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live network that was never trained: it paints something, and always the same."""
    import torch

    from vidstyle.live.model import write_model
    from vidstyle.live.network import LiveNetwork

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = LiveNetwork()
    path = tmp_path_factory.mktemp("live") / "untrained.safetensors"
    write_model(path, network, None, {})
    return path
