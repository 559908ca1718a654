from __future__ import annotations

import sys
from contextlib import chdir, closing
from pathlib import Path

import pytest
from blending import job
from clips import HEIGHT, TIMES, WIDTH, make_clip

from vidstyle.pipeline import Finished, FrameDone, Job, render
from vidstyle.settings import Settings


@pytest.fixture
def of(style: Path, tmp_path: Path) -> Job:
    """A clip of two shots, segments of 4 and 2 frames, and 4."""
    clip = make_clip(tmp_path / "clip.mp4", times=TIMES[:10], cut=6)
    settings = Settings.preset("draft", first_steps=(2, 2), steps=2, min_steps=1, device="cpu")
    return job(clip, style, Path("out.mp4"), settings=settings, segment_frames=4)


@pytest.mark.parametrize("large", [False, True])
def test_the_optimiser_goes_on_to_the_same_bytes(
    of: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:  # frames whose motion is found at half their size
        monkeypatch.setattr(sys.modules["vidstyle.motion.track"], "LARGEST", HEIGHT * WIDTH)
    with chdir(tmp_path):
        list(render(of))
        whole = of.output.read_bytes()
        of.output.unlink()
        for stop in (2, 5, 8):  # in the middle of a segment, of the next, and of the next shot
            with closing(render(of)) as events:
                next(event for event in events if isinstance(event, FrameDone) and event.done == stop)
        *_, finished = render(of)
        assert isinstance(finished, Finished)
        assert finished.resumed_frames == 6
        assert of.output.read_bytes() == whole
