"""An encoder does not make this process, or what it starts, run before everything else."""

import os
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.media import Encoding, VideoShape, VideoWriter
from vidstyle.media.priority import ordinary_priority

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux may make threads real-time"
)


def policies():
    return {os.sched_getscheduler(int(task.name)) for task in Path("/proc/self/task").iterdir()}


def test_av1_is_encoded_by_ordinary_threads(tmp_path):
    shape = VideoShape(64, 48)
    with VideoWriter(tmp_path / "made.mp4", shape, Encoding("av1", preset="12")) as writer:
        for index in range(3):
            writer.add(Frame(np.zeros((48, 64, 3), np.uint8), index, shape.time_base, index))
        assert policies() == {os.SCHED_OTHER}
    assert policies() == {os.SCHED_OTHER}


@contextmanager
def real_time_thread(priority):
    """A thread that makes itself real-time, and is there until the context ends."""
    begun, end = threading.Event(), threading.Event()

    def works():
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
        begun.set()
        end.wait()

    thread = threading.Thread(target=works)
    thread.start()
    begun.wait()
    try:
        yield thread
    finally:
        end.set()
        thread.join()


def test_threads_that_were_begun_and_this_one_are_put_back():
    with ExitStack() as stack:
        with ordinary_priority():
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
            stack.enter_context(real_time_thread(99))
        assert policies() == {os.SCHED_OTHER}


def test_a_thread_that_was_real_time_before_stays_so():
    with real_time_thread(1) as thread:
        with ordinary_priority():
            pass
        assert os.sched_getscheduler(thread.native_id) == os.SCHED_FIFO
