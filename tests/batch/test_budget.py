"""A budget is kept: steps are given up first, then size, and what jobs really take corrects the rest."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidstyle.batch import Batch, Began, Budget, Estimate, Prospect, Report, Status, Task, read_budget
from vidstyle.batch.choice import SMALLEST_SIDE, Choice
from vidstyle.batch.estimate import Work, kind_of
from vidstyle.batch.speed import JOB_SECONDS, Cost, Speed
from vidstyle.errors import SettingsError
from vidstyle.pipeline import Finished, Job, Notice, StyleFile
from vidstyle.settings import PRESETS, Settings

ASKED = Settings.preset("high")
SIZE = (360, 640)
SPEED = Speed(step=Cost(0.01, 1e-6), frame=Cost(0.02, 4e-7), first_step=Cost(0.008, 8e-7))
ESTIMATE = Estimate({kind_of(ASKED): SPEED})


def prospect(number: int, frames: int | None = 100, asked: Settings = ASKED, **more) -> Prospect:
    job = Job(Path("clip.mp4"), (StyleFile(Path("style.png")),), Path(f"{number}.mp4"), asked)
    known = {"frames": frames, "size": SIZE, "seconds": 4.0, **more}
    return Prospect(number, number + 1, job, known.pop("status", Status.TO_DO), **known)


class Simulated:
    """An executor on a clock of its own: jobs take what the speed says, times how wrong it is."""

    def __init__(self, slower: list[float], workers: int = 1) -> None:
        self.now, self.slower, self.workers = 0.0, slower, workers
        self.jobs: dict[int, Job] = {}

    def clock(self) -> float:
        return self.now

    def run(self, tasks: Iterable[Task]) -> Generator[Report, None, None]:
        coming, running = iter(tasks), dict[int, float]()
        while True:
            while len(running) < self.workers and (task := next(coming, None)) is not None:
                self.jobs[task.number] = task.job
                running[task.number] = self.now + self.takes(task)
                yield Report(task.number, Began(0, 1))
            if not running:
                return
            number = min(running, key=running.__getitem__)
            self.now = running.pop(number)
            yield Report(number, Finished(self.jobs[number].output, 100, SIZE, 0.0))

    def takes(self, task: Task) -> float:
        size = task.job.size
        shape = (size[1], size[0]) if isinstance(size, tuple) else SIZE
        seconds = ESTIMATE.seconds(Work(1, 100, 1), task.job.settings, shape)
        return seconds * self.slower[task.number % len(self.slower)]


def ran(seconds: float, jobs: int, slower: list[float], workers: int = 1) -> Simulated:
    prospects = [prospect(number) for number in range(jobs)]
    executor = Simulated(slower, workers)
    chosen = Budget(ESTIMATE, prospects, seconds, workers=workers, now=executor.clock)
    list(Batch(prospects, executor, choose=chosen, now=executor.clock).run())
    return executor


def whole(jobs: int, choice: Choice | None = None) -> float:
    choice = choice or Choice()
    work = Work(jobs, 100 * jobs, jobs)
    return ESTIMATE.seconds(work, choice.settings(ASKED), choice.size(SIZE))


def test_with_time_enough_nothing_is_given_up() -> None:
    executor = ran(whole(5) * 1.1, 5, [1.0])
    assert all(job.settings == ASKED and job.size is None for job in executor.jobs.values())


def test_steps_are_given_up_before_size() -> None:
    tight = ran(whole(5) * 0.6, 5, [1.0])
    assert all(job.size is None and 3 <= job.settings.steps < ASKED.steps for job in tight.jobs.values())
    tighter = ran(whole(5, Choice(0.0)) * 0.8, 5, [1.0])
    for job in tighter.jobs.values():
        assert PRESETS["draft"].steps <= job.settings.steps <= PRESETS["draft"].steps + 2
        assert isinstance(job.size, tuple) and 320 <= job.size[0] < 640


@pytest.mark.parametrize("wrong", [0.8, 0.95, 1.05, 1.08])
def test_all_pictures_of_a_batch_are_of_one_size_although_estimates_are_wrong(wrong: float) -> None:
    seconds = whole(20, Choice(0.0)) * 0.7
    executor = ran(seconds, 20, [wrong])
    assert len({job.size for job in executor.jobs.values()}) == 1
    assert 0.9 < executor.now / seconds < 1.05, "steps take up what is left"


def test_a_machine_that_was_busy_when_it_was_measured_costs_the_first_job_its_size_and_no_other() -> None:
    executor = ran(whole(30, Choice(0.0)) * 0.8, 30, [0.05])
    sizes = [job.size for job in executor.jobs.values()]
    assert sizes[0] is not None and sizes[-1] is None
    assert sizes.index(None) <= 4 and set(sizes[sizes.index(None) :]) == {None}


def test_an_end_that_comes_early_is_told() -> None:
    def told(seconds: float) -> str:
        chosen = Budget(ESTIMATE, [prospect(0)], seconds)
        chosen.choose(prospect(0))
        return str(chosen.heard(Report(0, Began(0, 1))))

    assert "20 of 20 steps, at 640x360. The batch ends about" in told(whole(1) * 1.5)
    assert "early" in told(whole(1) * 1.5) and "early" not in told(whole(1) * 1.05)


def test_the_live_quality_has_no_steps_to_give_up() -> None:
    asked = Settings.preset("live")
    speed = Speed(step=Cost(0, 0), frame=Cost(0, 1e-6), first_step=Cost(0, 0))
    estimate = Estimate({kind_of(asked): speed})
    live = prospect(0, asked=asked)
    seconds = 0.5 * estimate.seconds(Work(1, 100, 1), asked, SIZE)
    chosen = Budget(estimate, [live], seconds)
    job = chosen.choose(live)
    assert job.settings == asked and isinstance(job.size, tuple) and job.size[0] < SIZE[1]
    assert str(chosen.heard(Report(0, Began(0, 1)))).startswith("Budget: at ")


def test_what_cannot_be_met_is_refused_with_what_it_would_take() -> None:
    with pytest.raises(SettingsError, match="drafts at half the size would take about"):
        ran(whole(5, Choice(0.0, 0.5)) * 0.9, 5, [1.0])


def test_nothing_to_do_fits_into_any_budget() -> None:
    done = [prospect(0, status=Status.DONE)]
    assert Budget(ESTIMATE, done, -1.0).would_choose(prospect(1))[1] == SIZE


def test_unknown_frames_are_refused() -> None:
    with pytest.raises(SettingsError, match="how many frames"):
        Budget(ESTIMATE, [prospect(0, frames=None)], 100.0)


@settings(max_examples=60, deadline=None)
@given(
    share=st.floats(0.35, 0.95),
    rounds=st.integers(12, 20),
    wrong=st.floats(0.7, 1.4),
    unrest=st.lists(st.floats(0.9, 1.1), min_size=1, max_size=7),
    workers=st.integers(1, 3),
)
def test_the_end_is_within_a_tenth_although_estimates_are_wrong(
    share: float, rounds: int, wrong: float, unrest: list[float], workers: int
) -> None:
    jobs = rounds * workers  # what one job takes longer, those after it must have the time to make up for
    least, most = whole(jobs, Choice(0.0, 0.6)), whole(jobs)
    seconds = max(least * 1.4, share * most) * max(1.0, wrong) / workers
    executor = ran(seconds, jobs, [wrong * factor for factor in unrest], workers)
    assert executor.now <= 1.1 * seconds
    given_up = executor.jobs[jobs - 1].settings != ASKED
    # Time that is left over although something was given up to the last is waste, but for a job or two.
    slack = 0.1 * seconds + 2 * executor.now / jobs * workers
    assert not given_up or executor.now >= seconds - slack


def test_a_machine_that_grows_too_slow_does_the_least_and_says_that_it_is_late() -> None:
    prospects = [prospect(number) for number in range(6)]
    executor = Simulated([1.0, 20.0, 20.0])
    chosen = Budget(ESTIMATE, prospects, whole(6) * 0.8, now=executor.clock)
    running = Batch(prospects, executor, choose=chosen, now=executor.clock)
    said = [report.event.text for report in running.run() if isinstance(report.event, Notice)]
    assert "late" not in said[0] and "late" in said[-1]
    assert Choice(0.0, 0.5).settings(ASKED) == executor.jobs[5].settings and executor.jobs[5].size == (
        320,
        180,
    )


def test_a_job_that_was_begun_goes_on_as_it_was() -> None:
    begun = prospect(0, status=Status.RESUMED, kept=40)
    chosen = Budget(ESTIMATE, [begun, prospect(1)], whole(2) * 0.6)
    assert chosen.choose(begun) == begun.job
    assert chosen.choose(prospect(1)).settings.steps < ASKED.steps


def test_settings_below_a_draft_are_not_raised() -> None:
    asked = Settings.preset("draft", first_steps=(4, 3), steps=1, min_steps=1)
    least = Choice(0.0).settings(asked)
    assert (least.first_steps, least.steps) == ((4, 3), 1)


@given(st.integers(32, 4000), st.integers(32, 4000), st.floats(0.5, 1))
def test_sizes_keep_their_proportions_and_a_smallest_side(height: int, width: int, scale: float) -> None:
    chosen = Choice(0.0, scale).size((height, width))
    assert min(chosen) >= min(height, width, SMALLEST_SIDE)
    assert abs(chosen[0] / height - chosen[1] / width) <= 1 / height + 1 / width
    assert chosen == (height, width) or (chosen[0] % 2 == 0 and chosen[1] % 2 == 0)


@pytest.mark.parametrize(
    ("text", "seconds", "per_frame"),
    [
        ("2h", 7200, False),
        ("90min", 5400, False),
        ("1h30m", 5400, False),
        ("45s", 45, False),
        ("3s/frame", 3, True),
        ("0.5 s / frame", 0.5, True),
    ],
)
def test_budgets_are_read(text: str, seconds: float, per_frame: bool) -> None:
    limit = read_budget(text)
    assert (limit.seconds, limit.per_frame) == (seconds, per_frame)
    assert limit.total([prospect(0, kept=40)]) == (seconds * 60 if per_frame else seconds)


@pytest.mark.parametrize("text", ["", "2", "0s", "h", "2h/clip", "2h/", "2hh", "-1s", "1s2"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="no budget"):
        read_budget(text)


def test_a_line_through_two_measurements_is_never_negative() -> None:
    assert Cost.through((100, 1.0), (200, 1.5)) == Cost(0.5, 0.005)
    assert Cost.through((100, 2.0), (200, 1.0)).of(200) == pytest.approx(1.0), "noise: larger was faster"
    assert Cost.through((100, 0.1), (200, 0.4)).of(200) == pytest.approx(0.4)
    assert Cost.through((100, 0.1), (100, 0.1)).of(100) == pytest.approx(0.1)


def test_estimates_add_up_what_they_are_made_of() -> None:
    seconds = ESTIMATE.seconds(Work(2, 10, 3), ASKED, SIZE)
    parts = 3 * SPEED.first(SIZE, ASKED) + 7 * SPEED.later(SIZE, ASKED)
    assert seconds == pytest.approx(2 * JOB_SECONDS + parts)
