"""Renders of still shots: nothing is painted twice, and what changes is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import chdir, closing
from pathlib import Path

import av
import numpy as np
import pytest
from blending import Blending, job
from clips import pixels_of, scene

from vidstyle.pipeline import Job, MakePainter, Painter, SegmentClosed, render
from vidstyle.pipeline.rest import Resting, rests
from vidstyle.schedule import Keyframe, Schedule
from vidstyle.settings import Settings

FRAMES = 30
Picture = Callable[[int], np.ndarray]


def film(path: Path, picture: Picture) -> Path:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "18"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for number in range(FRAMES):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        container.mux(video.encode(None))
    return path


def still(_: int) -> np.ndarray:
    return scene(0)


def fading(number: int) -> np.ndarray:
    return np.clip(scene(0) - 0.2 * number, 0, 255).astype(np.uint8)


def moving(number: int) -> np.ndarray:
    picture = scene(0).copy()
    picture[20:28, 5 + number : 13 + number] = 255
    return picture


def resting(stylizer: Blending) -> MakePainter:
    return lambda styles, settings, footage: Painter(Resting(stylizer), "w" * 64)


def painted(of: Job) -> list[int]:
    """The frames that a render paints."""
    stylizer = Blending()
    list(render(of, make_painter=resting(stylizer)))
    return [index for _, index in stylizer.calls]


def test_a_still_shot_is_painted_once(tmp_path: Path, style: Path) -> None:
    output = tmp_path / "out.mp4"
    assert painted(job(film(tmp_path / "still.mp4", still), style, output)) == [0]
    pictures = pixels_of(output)
    assert len(pictures) == FRAMES
    assert np.abs(pictures.astype(int) - pictures[0]).mean() < 1.5  # the encoder's own
    assert pictures[0].mean() == pytest.approx(255 - scene(0).mean(), abs=3)  # painted: inverted


def test_a_slow_fade_and_a_small_moving_thing_are_painted(tmp_path: Path, style: Path) -> None:
    faded = painted(job(film(tmp_path / "fade.mp4", fading), style, tmp_path / "fade-out.mp4"))
    assert len(faded) >= 5  # six levels, in steps of 0.4 or more
    ball = painted(job(film(tmp_path / "ball.mp4", moving), style, tmp_path / "ball-out.mp4"))
    assert ball == list(range(FRAMES))


@pytest.mark.parametrize("picture", [still, fading])
def test_a_render_that_stops_within_a_still_shot_goes_on_to_the_same_bytes(
    tmp_path: Path, style: Path, picture: Picture
) -> None:
    source = film(tmp_path / "source.mp4", picture)
    of = job(source, style, Path("out.mp4"))  # whose name stands in the file
    (tmp_path / "whole").mkdir()
    with chdir(tmp_path / "whole"):
        list(render(of, make_painter=resting(Blending())))
    with chdir(tmp_path):
        for _ in range(3):  # after a segment each
            with closing(render(of, make_painter=resting(Blending()))) as events:
                assert any(isinstance(event, SegmentClosed) for event in events)
        list(render(of, make_painter=resting(Blending())))
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole" / "out.mp4").read_bytes()


def test_only_what_the_source_alone_decides_rests() -> None:
    schedule = Schedule((Keyframe(0, strength=0.2), Keyframe(1, strength=1.0)))
    assert rests(Settings(), masks=False)
    assert not rests(Settings(), masks=True)
    assert not rests(Settings(schedule=schedule), masks=False)
    assert not rests(Settings(hold=2), masks=False)
    assert not rests(Settings.preset("live"), masks=False)
