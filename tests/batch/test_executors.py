"""Executors: every task is told to its end, whatever happens to the process that does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cheap_painters
import pytest
from forked import forked_workers  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st
from small_media import frames_of, pixels_of

from vidstyle.batch import (
    Began,
    Executor,
    Failed,
    InProcess,
    Processes,
    Report,
    Retried,
    Share,
    Task,
    shares,
)
from vidstyle.errors import DeviceError, InputError, WorkerError
from vidstyle.pipeline import Finished, FrameDone, Job, StyleFile
from vidstyle.settings import Settings

ONE = shares(1, 1)


def task(number: int, source: str = "clip.mp4", seed: int = 0) -> Task:
    style = (StyleFile(Path("style.png")),)
    return Task(number, Job(Path(source), style, Path(f"{number}.mp4"), Settings(seed=seed)))


def of(reports: list[Report], number: int) -> list[object]:
    return [report.event for report in reports if report.task == number]


def in_process() -> InProcess:
    return InProcess(3, cheap_painters.treacherous())


def in_processes() -> Processes:
    return Processes([Share(1, 1), Share(3, 0)], 3, cheap_painters.treacherous)


@pytest.mark.parametrize("executor", [in_process, in_processes])
def test_every_task_is_told_to_its_end_and_none_ends_the_others(
    folder: Path, executor: Callable[[], Executor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    (folder / "broken.mp4").write_bytes(b"no video")
    taken: list[int] = []
    ended: list[int] = []

    def coming() -> Iterator[Task]:
        for each in (task(0, "broken.mp4"), task(1, seed=cheap_painters.BUGGY), task(2), task(3)):
            assert len(taken) - len(ended) <= 1, "a task was taken that no worker was free for"
            taken.append(each.number)
            yield each

    reports = []
    for report in executor().run(coming()):
        reports.append(report)
        ended += [report.task] if isinstance(report.event, (Finished, Failed)) else []
    assert sorted(ended) == taken == [0, 1, 2, 3]
    broken, slip = of(reports, 0)[-1], of(reports, 1)[-1]
    assert isinstance(broken, Failed) and broken.attempts == 1, "an input does not mend itself"
    assert isinstance(broken.error, InputError) and broken.error.where == "broken.mp4"
    assert isinstance(slip, Failed) and "KeyError" in slip.error.what and "bug" in slip.error.hint
    for number in (2, 3):
        own = of(reports, number)
        assert isinstance(own[0], Began) and isinstance(own[-1], Finished)
        assert [event.index for event in own if isinstance(event, FrameDone)] == list(range(6))
        assert frames_of(folder / f"{number}.mp4") == 6
    if executor is in_processes:
        told = sorted(path.read_text() for path in folder.glob("process-*"))
        assert told == ["1 1 1 7", "3 3 3 4"], "each keeps to its cores, its only GPU under its own name"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "4,7"


@pytest.mark.usefixtures("forked_workers")
def test_a_worker_that_is_killed_is_replaced_and_its_job_goes_on_where_it_was(folder: Path) -> None:
    list(InProcess(1, cheap_painters.plain()).run([task(9, seed=cheap_painters.KILLED_ONCE)]))
    coming = [task(0, seed=cheap_painters.KILLED_ONCE), task(1, seed=cheap_painters.KILLED_ALWAYS), task(2)]
    reports = list(Processes(ONE, 2, cheap_painters.treacherous).run(coming))
    (retried,) = [event for event in of(reports, 0) if isinstance(event, Retried)]
    assert isinstance(retried.error, WorkerError) and "SIGKILL" in retried.error.what
    finished = of(reports, 0)[-1]
    assert isinstance(finished, Finished) and finished.resumed_frames == 3, "the first shot was safe"
    assert pixels_of(folder / "0.mp4") == pixels_of(folder / "9.mp4")
    failed = of(reports, 1)[-1]
    assert isinstance(failed, Failed) and failed.attempts == 2, "no more tries than allowed"
    assert "memory" in failed.error.hint and not (folder / "1.mp4").exists()
    assert isinstance(of(reports, 2)[-1], Finished)


@pytest.mark.slow
def test_a_device_that_fails_once_gets_a_fresh_process(folder: Path) -> None:
    reports = list(Processes(ONE, 2, cheap_painters.faulty_gpu_once).run([task(0)]))
    retried = [report.event for report in reports if isinstance(report.event, Retried)]
    assert [type(event.error) for event in retried] == [DeviceError]
    assert isinstance(of(reports, 0)[-1], Finished)
    assert len(list(folder.glob("process-*"))) == 2


def test_a_device_that_fails_is_tried_again_in_this_process_too(folder: Path) -> None:
    reports = list(InProcess(2, cheap_painters.faulty_gpu_once()).run([task(0)]))
    assert [type(report.event) for report in reports].count(Retried) == 1
    assert isinstance(of(reports, 0)[-1], Finished)


def test_closing_stops_the_workers_and_keeps_what_they_finished(folder: Path) -> None:
    reports = Processes(ONE, 1, cheap_painters.slow).run([task(0)])
    first = next(report for report in reports if isinstance(report.event, FrameDone))
    began = time.monotonic()
    reports.close()
    assert time.monotonic() - began < 8
    assert first.event.index == 0
    assert not (folder / "0.mp4").exists() and not list(folder.glob(".*part*"))
    assert children() == []


def children() -> list[int]:
    """Processes that this one started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue  # it ended meanwhile
        command = (status.parent / "cmdline").read_text() if status.parent.exists() else ""
        if lines["PPid"] == str(os.getpid()) and not lines["State"].startswith("Z"):
            found += [int(status.parent.name)] if "spawn_main" in command else []
    return found


@given(workers=st.integers(1, 40), cores=st.integers(1, 256), gpus=st.integers(0, 8))
def test_cores_are_shared_out_evenly_and_gpus_in_turn(workers: int, cores: int, gpus: int) -> None:
    found = shares(workers, cores, gpus)
    assert len(found) == workers
    owned = [share.cores for share in found]
    assert max(owned) - min(owned) <= 1 and min(owned) >= 1
    if cores >= workers:
        assert sum(owned) == cores
    counts = [sum(share.gpu == gpu for share in found) for gpu in range(gpus)]
    assert not counts or max(counts) - min(counts) <= 1


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed(folder: Path) -> None:
    script = """
import cheap_painters
from test_executors import ONE, task
from vidstyle.batch import Processes
from vidstyle.pipeline import FrameDone
if __name__ == "__main__":
    for report in Processes(ONE, 1, cheap_painters.slow).run([task(0)]):
        if isinstance(report.event, FrameDone):
            print("painting", flush=True)
"""
    (folder / "parent.py").write_text(script)
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (here, here.parent)))}
    parent = subprocess.Popen(
        [sys.executable, "parent.py"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None and parent.stdout.readline() == "painting\n"
    (worker,) = _children_of(parent.pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{worker}").exists()


def _children_of(parent: int) -> list[int]:
    tasks_of = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    spawned = [int(pid) for pid in tasks_of]
    return [pid for pid in spawned if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
