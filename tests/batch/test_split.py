"""Long shots split into stretches that fade into each other."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from blending import SEGMENT_FRAMES, Blending, blend, job, run
from clips import make_clip, pixels_of, sound_of
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.batch import Task
from vidstyle.batch.fleet import Fleet
from vidstyle.batch.fleet_crew import Here
from vidstyle.batch.split import OVERLAP, SHORTEST, blended, joints
from vidstyle.errors import SettingsError
from vidstyle.frames import Frame
from vidstyle.media import Encoding
from vidstyle.pipeline import FrameDone, Job, Started
from vidstyle.pipeline.state import folder_of

FRAMES = 2 * SHORTEST + 4


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One shot, long enough to be split in two."""
    times = tuple(24 * number for number in range(FRAMES))
    return make_clip(tmp_path_factory.mktemp("long") / "long.mp4", times=times, cut=None, size=(36, 48))


@pytest.fixture
def of(long: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.chdir(tmp_path)
    return job(long, style, Path("out.mp4"), split=2)


class Marked(Blending):
    """Paints a stretch in one shade, by the frame that it began with; slightly shaded by the frame."""

    def start(self, frame: Frame) -> Frame:
        return self._done("start", frame, np.full(frame.pixels.shape, 0.75 if frame.index else 0.25))

    def next(self, frame: Frame, motion) -> Frame:
        return self._done("next", frame, self.painted)


def paint(of: Job, stylizer: type[Blending] = Blending) -> list:
    return [event.event for event in Fleet(lambda: Here(lambda: blend(stylizer()))).run([Task(0, of)])]


@given(frames=st.integers(1, 3000), split=st.integers(1, 40))
def test_stretches_are_even_and_never_short(frames: int, split: int) -> None:
    edges = [0, *joints(frames, split), frames]
    lengths = [end - begin for begin, end in pairwise(edges)]
    assert len(lengths) <= split
    assert len(lengths) == 1 or min(lengths) >= SHORTEST
    assert max(lengths) - min(lengths) <= 1
    assert len(lengths) == min(split, max(1, frames // SHORTEST))


def test_one_stretch_fades_into_the_next_in_even_steps(of: Job) -> None:
    events = paint(of, Marked)
    frames = [event.index for event in events if isinstance(event, FrameDone)]
    assert sorted(frames) == list(range(FRAMES))
    shades = pixels_of(of.output).mean((1, 2, 3)) / 255
    joint = FRAMES // 2
    assert shades[:joint] == pytest.approx(0.25, abs=0.02)
    assert shades[joint + OVERLAP :] == pytest.approx(0.75, abs=0.02)
    ramp = 0.25 + 0.5 * np.arange(1, OVERLAP + 1) / (OVERLAP + 1)
    assert shades[joint : joint + OVERLAP] == pytest.approx(ramp, abs=0.02)


def test_outside_the_joints_nothing_differs_from_a_whole_shot(of: Job) -> None:
    of = replace(of, encoding=Encoding(crf=1))
    paint(of)
    run(replace(of, split=1, output=Path("whole.mp4")))
    split, whole = pixels_of(of.output).astype(int), pixels_of(Path("whole.mp4")).astype(int)
    joint = FRAMES // 2
    untouched = joint // SEGMENT_FRAMES * SEGMENT_FRAMES  # a segment is encoded as one
    assert (split[:untouched] == whole[:untouched]).all()
    faded = abs(split[joint : joint + OVERLAP] - whole[joint : joint + OVERLAP]).max()
    assert faded > 15
    # Half of each frame is new with this painter: what began otherwise is forgotten soon.
    after = slice(joint + OVERLAP + 8, None)
    assert abs(split[after] - whole[after]).max() < faded / 2, "what is left is the codec's"
    assert sound_of(of.output) == sound_of(Path("whole.mp4"))


@pytest.mark.parametrize("frames", [20, 60, 100])
def test_a_split_that_was_stopped_goes_on_to_the_same_bytes(of: Job, frames: int) -> None:
    paint(of)
    wanted = of.output.read_bytes()
    of.output.unlink()
    with closing(Fleet(lambda: Here(blend)).run([Task(0, of)])) as reports:
        for report in reports:
            if isinstance(report.event, FrameDone) and report.event.done == frames:
                break
    events = paint(of)
    (started,) = [event for event in events if isinstance(event, Started)]
    assert frames - 16 < started.resumed_frames <= frames
    assert of.output.read_bytes() == wanted


def test_a_shot_that_is_not_long_stays_whole(of: Job, clip: Path) -> None:
    paint(replace(of, source=clip, split=8))
    run(replace(of, source=clip, split=1, output=Path("whole.mp4")))
    assert (pixels_of(of.output) == pixels_of(Path("whole.mp4"))).all()


def test_another_split_does_not_go_on_from_this_one(of: Job) -> None:
    with closing(Fleet(lambda: Here(blend)).run([Task(0, of)])) as reports:
        for report in reports:
            if isinstance(report.event, FrameDone) and report.event.done == 20:
                break
    assert folder_of(of.output).is_dir()
    last = paint(replace(of, split=1))[-1]
    assert "split (2 then, 1 now)" in str(last.error)


def test_one_machine_alone_refuses_to_split(of: Job) -> None:
    with pytest.raises(SettingsError, match="--ray"):
        run(of)


def test_a_blend_keeps_the_type_and_rounds() -> None:
    dark, light = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 110, np.uint8)
    assert blended(dark, light, 0).dtype == np.uint8
    assert blended(dark, light, 0).max() == 10 and blended(dark, light, OVERLAP - 1).min() == 100
    assert blended(dark / np.float32(255), light / np.float32(255), 4).dtype == np.float32
