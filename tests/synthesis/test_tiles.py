"""A frame in tiles is the frame as a whole: the same sums, the same gradient, nothing to see in between."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.synthesis.conftest import landscape, strokes
from vidstyle.frames import Frame, Motion
from vidstyle.synthesis import OptimisingStylizer, StylePicture
from vidstyle.synthesis.octaves import MARGIN, Octaves
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.sight import WholeSight
from vidstyle.synthesis.tiled import TiledSight
from vidstyle.synthesis.tiles import spans, tiles_of

SIDE = 128
HEIGHT, WIDTH = 290, 180  # tiles of three kinds from top to bottom: first, in between, last
PLENTY = 1 << 50


@given(st.integers(16, 3000), st.sampled_from([128, 256, 1024]), st.sampled_from([10, 40, 90]))
def test_stretches_cover_a_side_once_and_are_shown_what_is_around(length, side, reach):
    found = spans(length, side, 16, reach)
    assert [span.begin for span in found] == [0, *(span.end for span in found[:-1])]
    assert found[-1].end == length
    for span in found:
        assert span.begin % 16 == span.seen_from % 16 == 0
        assert 16 <= span.end - span.begin <= side + 15
        assert span.seen_from == 0 or span.begin - span.seen_from >= reach
        assert span.seen_to == length or span.seen_to - span.end >= reach


def test_each_cell_belongs_to_one_tile():
    for stride in (1, 4, 16):
        counts = torch.zeros(1, 1, 333 // stride, 500 // stride)
        for tile in tiles_of(333, 500, SIDE, stride=16, reach=90):
            shown = tile.shown(torch.zeros(1, 1, 333, 500))
            tap = torch.ones(1, 1, shown.shape[-2] // stride, shown.shape[-1] // stride)
            tile.part(counts, stride).add_(tile.own(tap, stride))
        assert (counts == 1).all()


def picture(height=HEIGHT, width=WIDTH, seed=0):
    grain = np.random.default_rng(seed).normal(0, 12, (height, width, 3))
    return Frame(np.clip(landscape(height, width) + grain, 0, 255).astype(np.uint8))


def test_features_in_tiles_are_those_of_the_whole(network):
    image = tensor_of(picture().pixels)
    octaves = Octaves(network, HEIGHT)
    with torch.no_grad():
        whole, tiled = (
            sight.first(image, [None]) for sight in (WholeSight(octaves), TiledSight(octaves, SIDE))
        )
    for a, b in zip(whole[0], tiled[0], strict=True):
        torch.testing.assert_close(a.features, b.features, rtol=1e-5, atol=1e-5)
        assert float(a.scale) == pytest.approx(float(b.scale), rel=1e-5)
    for one, other in zip(whole[1][0], tiled[1][0], strict=True):
        for a, b in zip(one, other, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def halves(frame):
    left = np.zeros((frame.height, frame.width), np.float32)
    left[:, : frame.width // 2] = 1
    return replace(frame, masks=(1 - left,))


CASES = {
    "plain": ((HEIGHT, WIDTH), 1, {}),
    "gram": ((HEIGHT, WIDTH), 1, {"style_loss": "gram"}),
    "several styles, half the strength": ((HEIGHT, WIDTH), 2, {"strength": 0.5}),
    "regions": ((HEIGHT, WIDTH), 1, {"regions": True, "strength": 0.7}),
    "a tall picture with an octave": ((600, 64), 1, {"detail": 0.5, "smooth": 0.5}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_gradient_is_that_of_the_whole(case, network, quick):
    size, count, settings = CASES[case]
    settings = dict(settings)
    frame = picture(*size)
    styles = [StylePicture(strokes(seed=seed)) for seed in range(1, 1 + count)]
    if settings.pop("regions", False):
        frame = halves(frame)
        styles.append(StylePicture(strokes(seed=5)[::-1].copy(), region=1))
    image = tensor_of(frame.pixels)
    found = {}
    for free in (PLENTY, 0):
        painter = OptimisingStylizer(styles, quick(**settings), network)
        painter.room.free = free
        if frame.masks:
            painter._guides = torch.from_numpy(frame.regions())[None]
        variable = image.clone().requires_grad_()
        loss = painter._objective(image * 0.8)(variable)
        (gradient,) = torch.autograd.grad(loss, variable)
        found[free] = float(loss.detach()), gradient
    assert found[0][0] == pytest.approx(found[PLENTY][0], rel=1e-5)
    error = found[0][1] - found[PLENTY][1]
    # Rounding alone: how much there is of it depends on the processor, and was 1.1e-5 at most.
    assert float(error.norm() / found[PLENTY][1].norm()) < 2e-5
    assert float(error.abs().max() / found[PLENTY][1].abs().max()) < 6e-5


def test_a_gradient_without_what_is_around_tiles_would_differ(network):
    """What the test above would say if tiles reached too short."""

    class Short:
        reach = 32

        def __getattr__(self, name):
            return getattr(network, name)

    image = tensor_of(picture().pixels)
    sums = [
        TiledSight(Octaves(inner, HEIGHT), SIDE)(image, [None], ()).sums[0][-1][1]
        for inner in (network, Short())
    ]
    assert float((sums[0] - sums[1]).norm() / sums[0].norm()) > 1e-4


def beside(length):
    """Whether a pixel lies within four of where two tiles meet."""
    near = np.zeros(length, bool)
    for span in spans(length + 2 * MARGIN, SIDE, 16, 90)[1:]:
        near[span.begin - MARGIN - 4 : span.begin - MARGIN + 4] = True
    return near


def differences(network, style, settings):
    """Of a first frame and of a later one, in tiles, from those painted whole: (H, W), in levels of 255."""
    frame = picture()
    still = Motion(np.zeros((HEIGHT, WIDTH, 2), np.float32), np.full((HEIGHT, WIDTH), 0.7, np.float32), False)
    painted = {}
    for free in (PLENTY, 0):
        painter = OptimisingStylizer([style], settings, network)
        painter.room.free = free
        painted[free] = [painter.start(frame).floats(), painter.next(frame, still).floats()]
    return [255 * np.abs(a - b).mean(2) for a, b in zip(painted[PLENTY], painted[0], strict=True)]


def test_nothing_is_to_be_seen_where_tiles_meet(network, style, quick):
    near = beside(HEIGHT)[:, None] | beside(WIDTH)[None, :]
    assert 0.05 < near.mean() < 0.3
    # Few steps: Adam enlarges rounding, and the line search of L-BFGS takes other ways for the least of it.
    found = differences(network, style, quick(first_steps=(2, 2), steps=1))
    for difference in found:
        assert difference.mean() < 0.25  # rounding, which Adam enlarges where next to nothing is to be done
        assert difference[near].mean() < 2 * difference[~near].mean() + 0.02
    assert found[0].mean() < 0.1
