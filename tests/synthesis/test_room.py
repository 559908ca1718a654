"""How frames are seen follows from the memory that is free; where it runs out, tiles get smaller."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.synthesis.conftest import landscape
from vidstyle.errors import DeviceError
from vidstyle.features import load_features
from vidstyle.frames import Frame
from vidstyle.memory import free_memory
from vidstyle.synthesis import OptimisingStylizer
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.room import PLAIN, SIDES, STILL_FREE, Room, held_by

CPU = torch.device("cpu")
PLENTY = 1 << 50
UHD = (2160, 3840)


def room(free, plain=PLAIN):
    found = Room(CPU, plain)
    found.free = free
    return found


def test_frames_are_seen_whole_where_there_is_room_and_in_ever_smaller_tiles_where_there_is_not(network):
    octaves = Octaves(network, UHD[0])
    sides = [room(gigabytes * 1e9).side(octaves, UHD) for gigabytes in (100, 8, 5, 4, 3.7, 1)]
    assert sides[0] is None
    assert sides[-1] == SIDES[-1]
    assert sides[1:] == sorted(sides[1:], reverse=True)
    assert len(set(sides)) >= 4


def test_a_choice_needs_no_more_than_is_free(network):
    octaves = Octaves(network, UHD[0])
    for gigabytes in (4, 6, 10, 30):
        there = room(gigabytes * 1e9)
        side = there.side(octaves, UHD)
        assert there.needed(octaves, UHD, side) <= gigabytes * 1e9


def test_small_frames_are_seen_whole_on_a_machine_of_any_size(network):
    assert room(1e9).side(Octaves(network, 360), (360, 640)) is None


def test_a_frame_of_4k_fits_a_card_of_8_gigabytes(network):
    side = room(7e9).side(Octaves(network, UHD[0]), UHD)  # the driver and the screen take some
    assert side is not None and side >= 512


def test_lbfgs_with_its_history_leaves_less_room(network):
    octaves = Octaves(network, UHD[0])
    assert room(7e9, 2 * PLAIN).side(octaves, UHD) < room(7e9).side(octaves, UHD)


def test_half_precision_holds_half(network):
    half = held_by(load_features("builtin", dtype=torch.bfloat16))
    assert half == pytest.approx(held_by(network) / 2)
    # Features of two, two, three, three, three convolutions, kept once; the last of each are the answer.
    kept = sum(c * n / s**2 for c, n, s in ((16, 2, 1), (32, 2, 2), (64, 3, 4), (128, 3, 8), (160, 3, 16)))
    assert half == pytest.approx(2 * kept)


def test_a_render_goes_on_with_what_was_free_as_long_as_most_of_it_still_is(monkeypatch):
    monkeypatch.setattr("vidstyle.synthesis.room.free_on", lambda device: 1_000)
    there = Room(CPU)
    for recorded, expected in ((None, 1_000), (500, 500), (1_200, 1_200), (int(1_001 / STILL_FREE), 1_000)):
        there.begin(recorded)
        assert there.free == expected


def refused_by_torch():
    torch.empty(1 << 60, dtype=torch.uint8)


def refused_by_numpy():
    np.empty(1 << 60, np.uint8)


def refused_by_a_gpu():
    raise torch.OutOfMemoryError("CUDA out of memory.")


class Hungry:
    """A network that runs out of memory for pictures beyond some pixels, where features are kept."""

    def __init__(self, network, most, take):
        self.inner, self.most, self.take = network, most, take

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __call__(self, image):
        return self.inner(image)

    def features(self, image):
        if image.requires_grad and image.shape[-2] * image.shape[-1] > self.most:
            self.take()
        return self.inner.features(image)


SIZE = (416, 96)  # a tile of 128 and what is around it, 308 pixels high, is not all of it


def frame(size=SIZE):
    return Frame(landscape(*size))


def painted_hungrily(network, style, settings, take):
    """A picture and its painter, with memory for a tile of 128 and what is around it, not for the whole."""
    painter = OptimisingStylizer([style], settings, Hungry(network, 45_000, take))
    painter.room.free = PLENTY
    return painter.start(frame()).floats(), painter


@pytest.mark.parametrize("take", [refused_by_torch, refused_by_numpy, refused_by_a_gpu])
def test_memory_that_runs_out_leads_to_smaller_tiles_and_a_whole_picture(network, style, quick, take):
    painted, painter = painted_hungrily(network, style, quick(first_steps=(1,)), take)
    assert painted.shape == (*SIZE, 3)
    assert painter.room.side(Octaves(network, SIZE[0]), SIZE) == 128
    assert painter.room.notes == ["Memory ran out: frames are painted in tiles of 128 pixels."]


def test_a_frame_that_ran_out_of_memory_is_painted_as_if_its_tiles_had_been_small(network, style, quick):
    painted, painter = painted_hungrily(network, style, quick(first_steps=(1,)), refused_by_torch)
    expected = OptimisingStylizer([style], quick(first_steps=(1,)), network)
    expected.room.free = painter.room.free
    assert np.array_equal(painted, expected.start(frame()).floats())
    painter.start(frame())
    assert len(painter.room.notes) == 1  # and the whole is not tried again with every frame


def test_memory_that_no_tile_is_small_enough_for_is_one_clear_error(network, style, quick):
    painter = OptimisingStylizer([style], quick(first_steps=(1,)), Hungry(network, 20_000, refused_by_torch))
    painter.room.free = PLENTY
    with pytest.raises(DeviceError, match="ran out of memory, even in tiles of 128 pixels") as raised:
        painter.start(frame())
    assert "smaller size" in raised.value.hint


def test_other_faults_are_not_taken_for_memory(network, style, quick):
    def broken():
        raise RuntimeError("shapes do not match")

    painter = OptimisingStylizer([style], quick(first_steps=(1,)), Hungry(network, 20_000, broken))
    with pytest.raises(RuntimeError, match="shapes"):
        painter.start(frame((200, 200)))
    assert painter.room.notes == []


PAINT = """
import json, resource, sys
from pathlib import Path
import numpy as np, torch
from vidstyle.features import load_features
from vidstyle.frames import Frame
from vidstyle.pipeline.device import choose_precision
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer, StylePicture
torch.set_num_threads(1)
free, allowed = int(sys.argv[1]), int(sys.argv[2])
cpu = torch.device("cpu")
network = load_features("builtin", dtype=choose_precision("auto", cpu, in_bytes=False))  # none emulated
pixels = np.random.default_rng(0).integers(0, 255, (2160, 3840, 3), np.uint8)
style = StylePicture(pixels[:500, :500].copy())
painter = OptimisingStylizer([style], Settings.preset("draft", first_steps=(1,)), network)
if allowed:
    space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + allowed
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
painter.room.begin()
painter.room.free = free or painter.room.free
painted = painter.start(Frame(pixels)).floats()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([peak, painter.room.notes, float(painted.mean()), bool(np.isfinite(painted).all())]))
"""


def painted_apart(free, allowed):
    """Peak memory, notes and mean of a picture of 4K that another process paints."""
    ended = subprocess.run(
        [sys.executable, "-c", PAINT, str(free), str(allowed)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    peak, notes, mean, finite = json.loads(ended.stdout.splitlines()[-1])
    assert finite
    return peak, notes, mean


@pytest.mark.slow
@pytest.mark.timeout(900)  # three pictures of 4K on one core
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not kept")
@pytest.mark.skipif(free_memory() < 8e9, reason="a frame of 4K as a whole needs memory")
def test_a_frame_of_4k_is_painted_under_a_limit_that_the_whole_does_not_fit():
    whole, notes, expected = painted_apart(PLENTY, 0)
    assert notes == []
    limit = int(0.65 * whole)
    chosen, notes, mean = painted_apart(0, limit)
    assert notes[0].startswith("Memory is short")
    assert chosen < 0.8 * whole
    assert mean == pytest.approx(expected, abs=1e-3)
    # And where the system refuses what it seemed to have:
    _, notes, mean = painted_apart(PLENTY, limit)
    assert notes[0].startswith("Memory ran out")
    assert mean == pytest.approx(expected, abs=1e-3)
