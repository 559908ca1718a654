"""Work in passing leaves no threads behind."""

from __future__ import annotations

import sys

import pytest
from forked import forking

SCRIPT = """
import time, torch
from pathlib import Path
from vidstyle.pipeline.passing import in_passing

def count():
    return len(list(Path("/proc/self/task").iterdir()))

torch.set_num_threads(2)
before = count()
in_passing(lambda: torch.rand(400, 400).exp().sum())
end = time.monotonic() + 10
while count() > before and time.monotonic() < end:  # helpers take a moment to end
    time.sleep(0.01)
assert count() == before
torch.rand(400, 400).exp()
assert count() == before + 1  # a computation of this very thread leaves one: the test sees helpers
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_the_helpers_of_a_computation_end_with_it() -> None:
    process = forking().Process(target=exec, args=(SCRIPT, {}))
    process.start()
    process.join()
    assert process.exitcode == 0


def test_what_goes_wrong_is_raised_where_it_was_asked_for() -> None:
    from vidstyle.pipeline.passing import in_passing

    assert in_passing(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        in_passing(lambda: 1 // 0)
