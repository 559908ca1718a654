"""Motion found by other processes is the motion found here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from vidstyle.errors import DeviceError
from vidstyle.frames import Frame, Motion
from vidstyle.motion import motion_between
from vidstyle.motion.processes import MotionProcesses


def same(one: Motion, other: Motion) -> bool:
    return (
        one.cut == other.cut
        and np.array_equal(one.flow_to_previous, other.flow_to_previous)
        and np.array_equal(one.trust, other.trust)
    )


@pytest.fixture
def frames(square_scene):
    scene = square_scene()
    return [scene.render(t) for t in range(5)]


def test_threads_that_ask_get_the_motion_that_they_would_find(frames):
    pairs = list(pairwise(frames))
    with MotionProcesses(2, preset="fast", mend=True) as processes, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pair: processes.find(*pair), pairs))
    for (previous, frame), motion in zip(pairs, found, strict=True):
        assert same(motion, motion_between(previous, frame, preset="fast", mend=True))


def test_pictures_of_floats_and_another_shot(frames):
    deep = [frame.with_pixels(frame.floats()) for frame in frames[:2]]
    other = Frame(np.random.default_rng(1).integers(0, 256, frames[0].pixels.shape, np.uint8))
    with MotionProcesses(1) as processes:
        assert same(processes.find(*deep), motion_between(*deep))
        assert processes.find(frames[0], other).cut


def test_what_goes_wrong_there_is_told_here_and_the_next_is_found(frames):
    with MotionProcesses(1, preset="no such thing") as processes:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="KeyError: 'no such thing'"):
                processes.find(frames[0], frames[1])


def test_a_process_that_was_killed_is_an_error_in_words(frames):
    with MotionProcesses(1) as processes:
        processes.find(frames[0], frames[1])
        processes._all[0].kill()
        processes._all[0].wait()
        with pytest.raises(DeviceError, match="a process that finds motion has ended"):
            processes.find(frames[0], frames[1])


@pytest.mark.skipif(os.name == "nt", reason="signals of one process are POSIX's")
def test_ctrl_c_is_for_whoever_asks(frames):
    with MotionProcesses(1) as processes:
        processes.find(frames[0], frames[1])
        processes._all[0].send_signal(signal.SIGINT)
        assert not processes.find(frames[0], frames[1]).cut


def test_processes_end_with_their_owner(frames):
    with MotionProcesses(2) as processes:
        processes.find(frames[0], frames[1])
        owned = list(processes._all)
    assert [process.returncode for process in owned] == [0, 0]


def test_an_owner_that_is_killed_leaves_no_process_behind():
    script = (
        "from vidstyle.motion.processes import MotionProcesses\n"
        "import time\n"
        "with MotionProcesses(1) as processes:\n"
        "    print(processes._all[0].pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert owner.stdout is not None and owner.stderr is not None
    owner.stdout.readline()
    owner.kill()
    # Whoever still lives holds the pipe open: its end says that none does.
    assert owner.communicate(timeout=30) == (b"", b"")
