"""What a machine needs is measured on a job's own frames, by a clock that only painting moves here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from small_media import HEIGHT, WIDTH, write_clip, write_picture

from vidstyle.batch import Prospect, Status
from vidstyle.batch.calibrate import calibrate
from vidstyle.batch.estimate import kind_of
from vidstyle.batch.sample import FRAMES, drawn, sample
from vidstyle.frames import Frame, Motion
from vidstyle.media import read
from vidstyle.pipeline import Job, MakePainter, Painter, StyleFile
from vidstyle.settings import Settings

SIZE = (160, 240)
STANDARD = Settings.preset("standard")


class Clock:
    """Painting a step takes 10 ms and 1 us a pixel, all else about a frame 20 ms, a first step half."""

    def __init__(self, disturbed: float = 0.0) -> None:
        self.now, self.disturbed = 0.0, disturbed
        self.largest, self.painted = 0, 0

    def perf_counter(self) -> float:
        return self.now

    def painter(self, styles, settings: Settings) -> Painter:
        return Painter(_Stylizer(self, settings), "w" * 64)  # type: ignore[arg-type]

    def paint(self, frame: Frame, steps: float) -> Frame:
        pixels = frame.height * frame.width
        self.largest, self.painted = max(self.largest, pixels), self.painted + 1
        self.now += 0.02 + steps * (0.01 + 1e-6 * pixels)
        if self.disturbed and self.painted % 30 == 0:  # another program comes and goes
            self.now += self.disturbed
        return frame


class _Stylizer:
    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock, self._settings = clock, settings

    def start(self, frame: Frame) -> Frame:
        return self._clock.paint(frame, sum(self._settings.first_steps) / 2)

    def next(self, frame: Frame, motion: Motion) -> Frame:
        assert not motion.cut
        live = self._settings.quality == "live"
        return self._clock.paint(frame, 0 if live else self._settings.steps)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("vidstyle.batch.calibrate.time", SimpleNamespace(perf_counter=made.perf_counter))
    return made


def later(steps: int, size: tuple[int, int] = SIZE) -> float:
    return 0.02 + steps * (0.01 + 1e-6 * size[0] * size[1])


def test_steps_and_frames_are_measured_up_to_the_size_itself(clock: Clock) -> None:
    make: MakePainter = clock.painter
    speed = calibrate(STANDARD, SIZE, make, seconds=60)
    assert clock.largest == SIZE[0] * SIZE[1]
    assert speed.later(SIZE, STANDARD) == pytest.approx(later(STANDARD.steps))
    assert speed.later((80, 120), STANDARD) == pytest.approx(later(STANDARD.steps, (80, 120)))
    steps = sum(n * (0.01 + 1e-6 * SIZE[0] * SIZE[1] / 4**level) for n, level in ((30, 0), (60, 1), (80, 2)))
    assert speed.first(SIZE, STANDARD) == pytest.approx(0.02 + steps / 2)


def test_with_little_time_smaller_pictures_tell_of_larger_ones(clock: Clock) -> None:
    size = (1080, 1920)
    speed = calibrate(STANDARD, size, clock.painter, seconds=5)
    assert clock.largest < 1080 * 1920 / 4 and clock.now < 10
    assert speed.later(size, STANDARD) == pytest.approx(later(STANDARD.steps, size))


def test_what_disturbs_one_round_of_many_does_not_count(clock: Clock) -> None:
    clock.disturbed = 2.0
    assert calibrate(STANDARD, SIZE, clock.painter, seconds=60).later(SIZE, STANDARD) == pytest.approx(
        later(STANDARD.steps)
    )


def test_the_live_quality_has_frames_and_no_steps(clock: Clock) -> None:
    live = Settings.preset("live")
    speed = calibrate(live, SIZE, clock.painter, seconds=5)
    assert speed.later(SIZE, live) == speed.first(SIZE, live) == pytest.approx(0.02)


def test_a_drawing_that_is_held_is_painted_once_for_its_frames(clock: Clock) -> None:
    speed = calibrate(Settings.preset("standard", hold=2), SIZE, clock.painter, seconds=5)
    held = Settings.preset("standard", hold=2)
    assert speed.later(SIZE, held) == pytest.approx(0.02 + held.steps / 2 * (later(1) - 0.02))


def prospect(path: Path, seconds: float) -> Prospect:
    job = Job(path, (StyleFile(Path("style.png")),), Path("out.mp4"), STANDARD)
    return Prospect(0, 1, job, Status.TO_DO, frames=10, size=(HEIGHT, WIDTH), seconds=seconds)


def test_a_sample_is_of_the_middle_and_of_one_shot(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", (10, 10), seed=3)
    frames = [frame.pixels.tobytes() for frame in read(clip)]
    length = 2 * float(10.5 / 25)
    taken = sample(prospect(clip, length))
    assert [one.pixels.tobytes() for one in taken] == frames[11 : 11 + FRAMES]
    cut = sample(prospect(write_clip(tmp_path / "cut.mp4", (12, 8), seed=3), length))
    assert np.abs(np.diff([one.pixels.mean() for one in cut])).max() < 1 and len(cut) == FRAMES


def test_what_has_no_frames_to_follow_each_other_is_measured_with_drawn_ones(tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "still.png")
    for source in (picture, tmp_path / "missing.mp4"):
        taken = sample(prospect(source, 0))
        assert [one.pixels.tobytes() for one in taken] == [
            one.pixels.tobytes() for one in drawn((HEIGHT, WIDTH))
        ]


def test_what_takes_its_own_time_is_measured_by_itself() -> None:
    live, draft = Settings.preset("live"), Settings.preset("draft")
    assert kind_of(draft) == kind_of(Settings.preset("draft", strength=0.3, steps=9))
    kinds = {kind_of(each) for each in (live, draft, Settings.preset("draft", mending=False))}
    assert len(kinds) == 3
