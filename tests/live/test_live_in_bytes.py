"""The live network in 8 bits, and by what is known of a frame before."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import one_thread  # noqa: F401
from live_pictures import learn, painted, pixels, tensor

from vidstyle.features.eight_bits import works_here
from vidstyle.frames import Frame
from vidstyle.live import running
from vidstyle.live.painter import load_live
from vidstyle.live.stylizer import LiveStylizer
from vidstyle.media import read
from vidstyle.motion import quick_motion
from vidstyle.settings import Settings
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.stylizer import StylePicture

EVERY = running.EVERY  # tests change it
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.skipif(not works_here(), reason="torch has no products of bytes here")
@pytest.mark.parametrize("name", ["swirls", "ink", "mosaic"])
def test_in_8_bits_it_paints_the_same_picture(name, painter, features, styles, frames):
    in_bytes = load_live(features, torch.int8)
    style = learn(in_bytes, styles[name])
    assert all(layer.in_bytes is not None for layer in style.layers)
    for frame in frames:
        exact = painted(painter, frame, learn(painter, styles[name]))
        assert float((painted(in_bytes, frame, style) - exact).square().mean().sqrt()) < 0.01
        as_bytes = np.rint(pixels(frame) * 255).astype(np.uint8)  # are convolved as they are
        of_bytes = in_bytes.paint(as_bytes, style, Colors(*pixel_moments(frame)))
        assert float((of_bytes - exact).square().mean().sqrt()) < 0.012


@pytest.mark.skipif(not works_here(), reason="torch has no products of bytes here")
@pytest.mark.parametrize("name", ["swirls", "ink", "mosaic"])
def test_what_is_known_of_a_frame_before_paints_nearly_the_same_picture(name, features, styles):
    in_bytes = load_live(features, torch.int8)
    style = learn(in_bytes, styles[name])
    clip = list(read(SAMPLES / "harbour.mp4", size=(180, 320)))
    colors = Colors(*pixel_moments(tensor(clip[10].floats())))

    def painted_knowing(index, known):
        return in_bytes.paint_knowing(clip[index].pixels, style, colors, known)

    def apart(one, other):
        return float((one - other).square().mean().sqrt())

    alone, seen = painted_knowing(10, None)
    same, still = painted_knowing(10, seen)
    assert apart(alone, same) < 0.01
    assert still is seen
    later = painted_knowing(14, None)[0]
    assert apart(painted_knowing(14, seen)[0], later) < 0.25 * apart(later, alone)


@pytest.fixture
def live_in_bytes(monkeypatch, features, styles):
    """Paints frames by what is known from one in so many."""
    if not works_here():
        pytest.skip("torch has no products of bytes here")
    painter = load_live(features, torch.int8)
    ink = StylePicture(pixels(styles["ink"]))

    def painted(frames, every):
        monkeypatch.setattr(running, "EVERY", every)
        live = LiveStylizer(painter, [ink], Settings.preset("live"), torch.device("cpu"))
        shown = [live.start(frames[0])]
        shown += [live.next(frame, quick_motion(before, frame)) for before, frame in pairwise(frames)]
        return np.stack([frame.floats() for frame in shown])

    return painted


def test_pictures_grow_no_lighter_and_darker_by_turns_of_being_looked_at(live_in_bytes):
    """A pan through changing light: where each frame is looked at itself their light changes as smoothly."""
    clip = list(read(SAMPLES / "harbour.mp4", size=(180, 320)))[:48]
    known, looked_at = (live_in_bytes(clip, every).mean((1, 2, 3)) for every in (EVERY, 1))
    assert np.abs(known - looked_at).max() < 0.01
    assert np.abs(np.diff(known, 2)).mean() < 1.15 * np.abs(np.diff(looked_at, 2)).mean()


def test_out_of_the_dark_pictures_come_as_they_are_where_each_is_looked_at(live_in_bytes):
    clip = list(read(SAMPLES / "harbour.mp4", size=(90, 160)))[:30]
    light = np.clip((np.arange(30) - 6) / 20, 0, 1).astype(np.float32)
    dawn = [Frame((frame.pixels * share).astype(np.uint8)) for frame, share in zip(clip, light, strict=True)]
    away = live_in_bytes(dawn, EVERY) - live_in_bytes(dawn, 1)
    assert np.sqrt(np.square(away).mean((1, 2, 3))).max() < 0.02
