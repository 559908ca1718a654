"""A fleet's driver and its worker, without Ray: what Ray adds is tested in `test_ray_cluster`."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from blending import Blending, blend, job, run
from clips import CUT, FRAMES, make_picture

from vidstyle.batch import Began, Failed, Retried, Task
from vidstyle.batch.fleet import Fleet
from vidstyle.batch.fleet_crew import Here, Lost
from vidstyle.batch.fleet_orders import Paint, Parcel, Shared
from vidstyle.cli.main import run as run_command
from vidstyle.errors import DeviceError, WorkerError
from vidstyle.frames import Frame
from vidstyle.media import DecodeFaults, read, read_picture
from vidstyle.motion import begins_shot, track
from vidstyle.motion.track import motion_between
from vidstyle.pipeline import Finished, FrameDone, Job, SegmentClosed, Started, plan, render
from vidstyle.pipeline.apart import shots_of
from vidstyle.pipeline.footage import Footage
from vidstyle.pipeline.state import folder_of
from vidstyle.settings import Settings


class Several(Here):
    """Workers that take turns, and notes of what they were told to do."""

    def __init__(self, count: int = 3, stylizer: Blending | None = None) -> None:
        self.orders: list = []
        self.crew = [Here(lambda: blend(stylizer)) for _ in range(count)]

    def idle(self):
        return [number for number, worker in enumerate(self.crew) if worker.idle()]

    def give(self, worker, order):
        self.orders.append(order)
        self.crew[worker].give(0, order)

    def hear(self, patience=None):
        return [(number, said) for number, one in enumerate(self.crew) for _, said in one.hear()]

    def close(self):
        for worker in self.crew:
            worker.close()


def paint(of: Job | list[Job], crew: Here | None = None, **kwargs) -> list:
    jobs = [of] if isinstance(of, Job) else of
    fleet = Fleet(lambda: crew or Several(), **kwargs)
    return list(fleet.run(Task(number, job) for number, job in enumerate(jobs)))


def events_of(reports: list, kind: type) -> list:
    return [report.event for report in reports if isinstance(report.event, kind)]


def test_a_fleet_gives_the_bytes_of_one_machine(of: Job, whole: bytes) -> None:
    reports = paint(of)
    assert of.output.read_bytes() == whole
    assert not folder_of(of.output).exists()
    assert isinstance(reports[-1].event, Finished) and reports[-1].event.frames == FRAMES
    frames = events_of(reports, FrameDone)
    assert [event.done for event in frames] == list(range(1, FRAMES + 1))
    assert sorted(event.index for event in frames) == list(range(FRAMES))
    assert [event.index for event in frames] != list(range(FRAMES))  # two shots at a time


def test_without_shared_storage_the_segments_come_back_as_bytes(
    of: Job, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shared, "seen", lambda self: False)
    paint(of)
    assert of.output.read_bytes() == whole


@pytest.mark.parametrize("reports", [3, 12, 30, 44])
def test_a_driver_that_is_stopped_goes_on_to_the_same_bytes(of: Job, whole: bytes, reports: int) -> None:
    with closing(Fleet(Several).run([Task(0, of)])) as told:
        heard = [next(told) for _ in range(reports)]
    assert not of.output.exists()
    again = paint(of)
    kept = events_of(again, Started)[0].resumed_frames
    assert len(events_of(again, FrameDone)) == FRAMES - kept
    assert kept == sum(event.frames for event in events_of(heard, SegmentClosed))
    assert of.output.read_bytes() == whole


def test_a_render_goes_on_where_a_fleet_was_stopped(of: Job, whole: bytes) -> None:
    with closing(Fleet(Several).run([Task(0, of)])) as told:
        next(report for report in told if isinstance(report.event, SegmentClosed))
    started = next(event for event in run(of) if isinstance(event, Started))
    assert started.resumed_frames > 0
    assert of.output.read_bytes() == whole


def test_only_a_damaged_segment_is_ordered_again(of: Job, whole: bytes, monkeypatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("vidstyle.batch.fleet_job.finish", _stop)
        paint(of)
    (folder_of(of.output) / "00001.mp4").write_bytes(b"damaged")
    crew = Several()
    paint(of, crew)
    (order,) = [order for order in crew.orders if isinstance(order, Paint)]
    assert (order.place.number, order.frames) == (1, 8)
    assert of.output.read_bytes() == whole


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


class Dying(Several):
    """The second worker is lost once the first segment of its first shot has come back; another comes."""

    def __init__(self) -> None:
        super().__init__(2)
        self.came_back = self.lost = False

    def hear(self, patience=None):
        heard = super().hear(patience)
        for place, (worker, message) in enumerate(heard):
            if worker == 1 and self.came_back and isinstance(message, FrameDone) and not self.lost:
                self.lost = True
                self.crew[1] = Here(blend)
                heard[place] = (1, Lost(WorkerError("was killed")))
            self.came_back |= worker == 1 and isinstance(message, Parcel)
        return heard


def test_a_lost_worker_costs_its_segment_and_nothing_more(of: Job, whole: bytes) -> None:
    crew = Dying()
    reports = paint(of, crew)
    assert of.output.read_bytes() == whole
    assert [event.attempt for event in events_of(reports, Began)] == [1, 2]
    assert len(events_of(reports, Retried)) == 1
    assert events_of(reports, FrameDone)[-1].done == FRAMES
    retried = [order for order in crew.orders if isinstance(order, Paint)][-1]
    assert retried.place.number in (1, 4)  # the first segment of its shot came back before
    assert retried.carry is not None


def test_a_shot_that_kills_every_worker_fails_its_job_alone(of: Job, clip: Path, style: Path) -> None:
    other = job(clip, style, Path("other.mp4"))
    broken = replace(of, output=Path("broken.mp4"))

    class Poisoned(Several):
        def hear(self, patience=None):
            heard = super().hear(patience)
            for place, (worker, _) in enumerate(heard):
                order = self.orders_of[worker]
                if isinstance(order, Paint) and order.job.output.name == "broken.mp4":
                    heard[place] = (worker, Lost(WorkerError("was killed")))
                    self.crew[worker] = Here(blend)
            return heard

        def give(self, worker, order):
            self.orders_of = {**getattr(self, "orders_of", {}), worker: order}
            super().give(worker, order)

    reports = paint([broken, other], Poisoned())
    (failed,) = events_of(reports, Failed)
    assert isinstance(failed.error, WorkerError)
    assert Path("other.mp4").is_file() and not broken.output.exists()


def test_a_device_that_fails_is_tried_again_elsewhere(of: Job, whole: bytes) -> None:
    class Failing(Blending):
        failures = 1

        def start(self, frame: Frame) -> Frame:
            if frame.index and Failing.failures:
                Failing.failures -= 1
                raise DeviceError("is out of memory", where="cuda")
            return super().start(frame)

    class Crew(Several):
        def __init__(self) -> None:
            super().__init__(2)
            self.crew = [Here(lambda: blend(Failing())) for _ in range(2)]
            self.refreshed: list[int] = []

        def refresh(self, worker):
            self.refreshed.append(worker)
            self.crew[worker] = Here(blend)

    crew = Crew()
    reports = paint(of, crew)
    assert len(crew.refreshed) == 1 and len(events_of(reports, Retried)) == 1
    assert of.output.read_bytes() == whole


def test_a_source_that_another_machine_holds_otherwise_is_refused(of: Job, monkeypatch) -> None:
    import vidstyle.batch.fleet_worker as worker

    real = worker.plan

    def other(of: Job):
        planned = real(of)
        return replace(planned, identity={**planned.identity, "source": "0" * 64})

    monkeypatch.setattr(worker, "plan", other)
    (failed,) = events_of(paint(of), Failed)
    assert "another machine has another source" in str(failed.error)


def test_a_job_that_cannot_be_does_not_end_the_others(of: Job, whole: bytes) -> None:
    missing = replace(of, source=Path("missing.mp4"), output=Path("missing-out.mp4"))
    reports = paint([missing, of])
    (failed,) = [report for report in reports if isinstance(report.event, Failed)]
    assert failed.task == 0
    assert "missing.mp4" in str(failed.event.error)
    assert of.output.read_bytes() == whole


def test_pictures_are_painted_too(of: Job, tmp_path: Path) -> None:
    source = make_picture(tmp_path / "in.png")
    alone, fleet = replace(of, source=source, output=Path("a.png")), replace(of, source=source)
    run(alone)
    paint(replace(fleet, output=Path("b.png")))
    assert (read_picture(Path("a.png")).pixels == read_picture(Path("b.png")).pixels).all()


def test_workers_practise_on_the_footage_of_one_machine(of: Job, tmp_path: Path) -> None:
    seen = []

    def telling(styles, settings, footage):
        seen.append(footage)
        return blend()(styles, settings, footage)

    live = replace(of, settings=Settings.preset("live", device="cpu"), start=Fraction(1, 10))
    list(render(live, make_painter=telling))
    paint(replace(live, output=Path("b.mp4"), split=2), Here(lambda: telling))
    assert len(seen) > 2
    assert set(seen) == {Footage(of.source, (48, 64))}
    assert live.output.stat().st_size > 0


def test_nothing_is_left_behind_where_workers_paint(of: Job, tmp_path: Path, monkeypatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    paint(of)
    assert list(scratch.iterdir()) == []
    shutil.rmtree(scratch)


def test_the_scan_finds_the_shots_that_painting_would(of: Job) -> None:
    planned = plan(of)
    pts, begins = shots_of(planned, DecodeFaults())
    moving = list(track(read(of.source, size=planned.size)))
    assert begins == [frame.index for frame, motion in moving if motion.cut] == [0, CUT]
    assert pts == [frame.pts for frame, _ in moving]


def test_pairs_of_every_kind_are_judged_as_with_the_flow() -> None:
    random = np.random.default_rng(3)
    smooth = [cv2.resize(random.integers(0, 256, (9, 12, 3), np.uint8), (96, 72)) for _ in range(4)]
    noise = random.integers(0, 256, (72, 96, 3), np.uint8)
    pictures = [*smooth, noise, np.roll(smooth[0], 5, 1), np.zeros_like(noise), np.full_like(noise, 255)]
    frames = [Frame(picture) for picture in pictures]
    verdicts = [begins_shot(one, other) for one, other in product(frames, frames)]
    assert verdicts == [motion_between(one, other).cut for one, other in product(frames, frames)]
    assert 5 < sum(verdicts) < len(verdicts) - 5


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--split", "3"], "--split: needs --ray"),
        (["--ray-gpus", "0.5"], "--ray-gpus: needs --ray"),
        (["--ray", "local", "--budget", "2h"], "--budget: is kept on one machine only"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: list[str], told: str, capsys) -> None:
    assert run_command(["batch", "jobs.toml", *options]) == 2
    assert told in capsys.readouterr().err
