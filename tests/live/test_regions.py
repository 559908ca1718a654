"""Regions in real time: each shows its own style, and all of them stay steady."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from commands import one_thread  # noqa: F401

from vidstyle.frames import Frame
from vidstyle.live.regions import Regional
from vidstyle.motion import quick_motion
from vidstyle.pipeline.painter import live_painter
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

SIZE = (50, 70)
LEFT = np.zeros(SIZE, np.float32)
LEFT[:, :35] = 1


def picture(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).random((7, 9, 3))
    return (np.kron(small, np.ones((8, 8, 1)))[: SIZE[0], : SIZE[1]] * 255).astype(np.uint8)


STYLES = [StylePicture(picture(9)), StylePicture(picture(8), region=1)]


@pytest.fixture(scope="module")
def settings(live_model: Path) -> Settings:
    return Settings.preset("live", model=live_model, device="cpu", precision="float32")


def shot(mask: np.ndarray = LEFT, step: int = 0) -> list[Frame]:
    scene = np.concatenate([picture(1), picture(2)], axis=1)
    return [
        Frame(
            np.ascontiguousarray(scene[:, n : n + SIZE[1]]),
            pts=n,
            index=n,
            masks=(np.roll(mask, step * n, 1),),
        )
        for n in range(4)
    ]


def run(stylizer: Stylizer, frames: list[Frame]) -> list[np.ndarray]:
    painted = [stylizer.start(frames[0])]
    painted += [stylizer.next(frame, quick_motion(before, frame)) for before, frame in pairwise(frames)]
    return [frame.pixels for frame in painted]


def test_without_masks_nothing_is_laid_over_anything(settings: Settings) -> None:
    assert not isinstance(live_painter(STYLES[:1], settings).stylizer, Regional)


@pytest.mark.parametrize("step", [0, 5])
def test_each_region_shows_its_own_style_wherever_its_mask_goes(settings: Settings, step: int) -> None:
    frames = shot(step=step)
    both = run(live_painter(STYLES, settings).stylizer, frames)
    ground, inside = (run(live_painter([style], settings).stylizer, frames) for style in STYLES)
    for frame, laid, under, over in zip(frames, both, ground, inside, strict=True):
        assert laid.dtype == np.uint8
        covered = frame.masks[0][..., None] > 0
        assert np.abs(laid.astype(int) - np.where(covered, over, under)).max() <= 1


def test_the_palette_of_a_region_is_told_by_its_own_pixels(settings: Settings) -> None:
    frame = shot()[0]
    brighter = frame.pixels.copy()
    brighter[:, 35:] = 255 - brighter[:, 35:] // 4  # beyond the mask
    other = replace(frame, pixels=brighter)
    one, two = (live_painter(STYLES[1:], settings).stylizer.start(each) for each in (frame, other))
    apart = live_painter([replace(STYLES[1], region=0)], settings).stylizer
    plain = [apart.start(replace(each, masks=())) for each in (frame, other)]
    change, unmasked = (np.abs(a.floats() - b.floats())[:, :16].mean() for a, b in ((one, two), plain))
    assert change < 0.7 * unmasked  # the network sees all of the picture, the palette does not


def test_going_on_from_a_state_gives_the_same_bytes(settings: Settings) -> None:
    frames = shot(step=3)
    whole, resumed = (live_painter(STYLES, settings).stylizer for _ in range(2))
    run(whole, frames[:3])
    resumed.restore({name: np.array(array) for name, array in whole.state().items()})
    motion = quick_motion(frames[2], frames[3])
    assert np.array_equal(resumed.next(frames[3], motion).pixels, whole.next(frames[3], motion).pixels)
