"""The files under samples/ are what the scripts there describe."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2  # before av: the other order makes cv2.imshow hang on Linux

import av  # isort: skip
import numpy as np
import pytest
import scene
import sound
from make_samples import CLIP

from tests.samples.conftest import rendered

SAMPLES = Path(scene.__file__).parent


def test_the_clip_shows_the_scene_frame_by_frame_with_sound() -> None:
    with av.open(str(SAMPLES / CLIP)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == scene.FPS
        assert container.streams.audio[0].channels == 2
        assert container.duration == pytest.approx(scene.FRAMES / scene.FPS * 1e6, rel=0.02)
    assert len(frames) == scene.FRAMES
    # Of the brightness alone: 4:2:0 keeps a quarter of the colour, which costs more than the encoder does.
    grey = np.array([0.2126, 0.7152, 0.0722])
    for index in (scene.CUT - 1, scene.FRAMES - 1):  # the last of each shot: none is missing before
        shown = frames[index] / 255.0 @ grey
        error = np.abs(shown - rendered(index) @ grey).mean()
        assert error < 0.015, index
        assert np.abs(shown - rendered(index - 1) @ grey).mean() > 1.3 * error, index


def test_the_clip_has_one_cut() -> None:
    with av.open(str(SAMPLES / CLIP)) as container:
        frames = [
            cv2.resize(f.to_ndarray(format="rgb24"), (60, 34), interpolation=cv2.INTER_AREA)
            for f in container.decode(video=0)
        ]
    jumps = [np.abs(a.astype(float) - b).mean() for a, b in pairwise(frames)]
    assert int(np.argmax(jumps)) + 1 == scene.CUT
    assert sorted(jumps)[-2] < 0.4 * max(jumps)


def test_the_sound_strikes_a_bell_on_the_cut_and_never_clips() -> None:
    cut = scene.CUT / scene.FPS
    signal = sound.compose(scene.FRAMES / scene.FPS, cut)
    assert signal.shape == (2, scene.FRAMES * sound.RATE // scene.FPS)
    assert np.abs(signal).max() < 0.95
    start, span = round(cut * sound.RATE), round(0.1 * sound.RATE)
    before, after = (
        np.abs(signal[:, start - span : start]).mean(),
        np.abs(signal[:, start : start + span]).mean(),
    )
    assert after > 1.15 * before
    assert np.array_equal(signal, sound.compose(scene.FRAMES / scene.FPS, cut))


@pytest.mark.parametrize("name", ["swirls", "ink", "mosaic"])
def test_styles_are_rich_pictures_of_moderate_size(name: str) -> None:
    path = SAMPLES / "styles" / f"{name}.jpg"
    picture = cv2.imread(str(path)).astype(np.float32)
    assert picture.shape == (512, 640, 3)
    assert path.stat().st_size < 250_000
    blocks = picture.reshape(16, 32, 20, 32, 3).std(axis=(1, 3)).mean(axis=2)
    assert (blocks > 4).mean() > 0.97, "flat areas teach a style nothing"
