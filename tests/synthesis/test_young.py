"""What came into sight lately is asked for the style by itself, as long as it is young."""

import numpy as np
import pytest
import torch

from tests.synthesis.test_optimiser import panned, still, style_of
from vidstyle.synthesis import optimiser
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.targets import style_target
from vidstyle.synthesis.young import AROUND, LIFE, with_surroundings, young_parts

PAN = 6


def young_of(painter):
    return painter.state()["young"][0, 0]


def test_nothing_of_a_first_frame_is_young_and_what_comes_in_is(begun, source):
    painter, _ = begun()
    assert not young_of(painter).any()
    painter.next(*panned(source, PAN))
    young = young_of(painter)
    assert young[:, -PAN:] == pytest.approx(np.exp(-1 / LIFE), rel=1e-6)
    assert young[:, :-PAN].max() < 1e-6


def test_youth_goes_along_with_the_strokes_and_passes(begun, source):
    painter, _ = begun()
    frame, motion = panned(source, PAN)
    painter.next(frame, motion)
    painter.next(*panned(frame, PAN))
    first, second = np.s_[:, -2 * PAN + 1 : -PAN - 1], np.s_[:, -PAN:]
    assert young_of(painter)[first] == pytest.approx(np.exp(-2 / LIFE), rel=1e-5)
    assert young_of(painter)[second] == pytest.approx(np.exp(-1 / LIFE), rel=1e-5)
    for _ in range(round(5 * LIFE)):
        painter.next(frame, still(frame))
    assert young_of(painter).max() < 0.01


def test_what_comes_in_is_painted_better_than_as_a_small_part_of_the_whole(
    network, begun, source, style, monkeypatch
):
    def revealed():
        painter, _ = begun()
        frame = source
        for _ in range(6):
            frame, motion = panned(frame, PAN)
            painted = painter.next(frame, motion)
        return style_of(network, painted.floats()[:, -6 * PAN :], style)

    asked = revealed()
    monkeypatch.setattr(optimiser, "YOUNG_FROM", 2.0)
    assert asked < 0.95 * revealed()


def test_a_picture_that_only_moves_is_asked_as_a_whole(begun, source, monkeypatch):
    asked = []
    monkeypatch.setattr(optimiser, "young_parts", lambda *given: asked.append(given) or ())
    painter, _ = begun()
    painter.next(source, still(source))
    assert not asked
    painter.next(*panned(source, PAN))
    assert asked


def test_each_regions_young_pixels_are_asked_for_its_own_style(network):
    octaves = Octaves(network, 64)
    young, guides = torch.zeros(1, 1, 64, 96), torch.zeros(1, 3, 64, 96)
    young[..., -32:] = 0.5
    guides[:, 0, :32], guides[:, 1, 32:] = 1, 1
    targets = painter_targets(octaves, 3)
    parts = young_parts(octaves, young, guides, targets)
    assert [part.target for part in parts] == targets[:2]
    for part in parts:
        assert float(part.share) == pytest.approx(0.5 * 32 / 96 / 2)
        assert all(float(each.sum()) == pytest.approx(1, rel=1e-5) for each in part.weights)
    (whole,) = young_parts(octaves, young, None, targets)
    assert float(whole.share) == pytest.approx(0.5 * 32 / 96)


def painter_targets(octaves, count):
    red = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(4))
    return [style_target(octaves, [red], [1.0], height=64, style_size=1.0) for _ in range(count)]


def test_surroundings_take_in_as_much_of_the_picture_whatever_its_size():
    for height in (90, 360):
        young = torch.zeros(1, 1, height, 2 * height)
        young[..., height:] = 1
        edge = with_surroundings(young)[0, 0, height // 2]
        reach = int((edge > 0.16).nonzero()[0]) - height
        assert -reach == pytest.approx(AROUND * height, rel=0.2)
