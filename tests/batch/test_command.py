"""`vidstyle batch`, the real command on real media."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest
from commands import Vidstyle, hasty, one_thread, spawned, vidstyle  # noqa: F401
from forked import forked_workers  # noqa: F401
from small_media import QUICK, frames_of, manifest, pixels_of, write_clip

pytestmark = pytest.mark.usefixtures("hasty")

JOBS = f"""
[defaults]
styles = "style.png"
{QUICK}
[[jobs]]
input = "clip.mp4"
output = "a.mp4"
[[jobs]]
input = "other.mp4"
output = "b.mp4"
"""

Batch = Vidstyle


@pytest.fixture
def batch(vidstyle: Vidstyle) -> Batch:  # noqa: F811
    return partial(vidstyle, "batch")


def test_a_dry_run_tells_frames_and_time_and_paints_nothing(folder: Path, batch: Batch) -> None:
    path = manifest(folder, JOBS)
    before = sorted(folder.iterdir())
    ended = batch(path, "--dry-run")
    assert ended.code == 0
    assert "10 frames" in ended.out and "64x48" in ended.out and ended.err == ""
    plan = batch(path, "--dry-run", "--json").events[-1]
    assert [(job["frames"], job["size"]) for job in plan["jobs"]] == [(6, [48, 64]), (4, [48, 64])]
    assert (
        plan["seconds"] == pytest.approx(sum(job["seconds"] for job in plan["jobs"])) and plan["seconds"] > 0
    )
    assert sorted(folder.iterdir()) == before


def test_the_live_quality_is_planned_and_budgeted_too(folder: Path, batch: Batch) -> None:
    text = JOBS.replace(QUICK, 'quality = "live"\ndevice = "cpu"\n')
    plan = batch(manifest(folder, text), "--dry-run", "--json", "--budget", "1h").events[-1]
    assert all(job["seconds"] > 0 and job["settings"]["quality"] == "live" for job in plan["jobs"])


def test_a_batch_is_done_and_summed_up_and_not_done_again(folder: Path, batch: Batch) -> None:
    path = manifest(folder, JOBS)
    ended = batch(path)
    assert ended.code == 0 and ended.out == ""
    assert "2 jobs: 2 done" in ended.err
    assert (frames_of(Path("a.mp4")), frames_of(Path("b.mp4"))) == (6, 4)
    again = batch(path)
    assert again.code == 0 and "2 jobs: 2 done before" in again.err
    anew = batch(path, "--restart")
    assert anew.code == 4 and "exists already" in anew.err
    assert "2 jobs: 2 done" in batch(path, "--restart", "-y").err


def test_events_are_json_lines(folder: Path, batch: Batch) -> None:
    events = batch(manifest(folder, JOBS), "--json").events
    names = [event["event"] for event in events]
    assert names[0] == "batch_started" and names[-1] == "batch_finished"
    assert [event["job"] for event in events if event["event"] == "finished"] == [0, 1]
    assert names.count("frame_done") == 10
    assert events[-1]["failed"] == [] and events[-1]["counts"] == {"done": 2}


def test_all_faults_of_a_manifest_are_told_each_on_a_line(folder: Path, batch: Batch) -> None:
    path = manifest(folder, JOBS.replace("seed", "").replace("[[jobs]]\n", "[[jobs]]\nstrenght = 1\n"))
    ended = batch(path)
    assert ended.code == 2
    lines = ended.err.splitlines()
    assert len(lines) == 2 and all("Did you mean strength?" in line for line in lines)
    told = batch(path, "--json")
    assert [event["exit_code"] for event in told.events] == [2, 2]


def test_jobs_that_fail_are_listed_and_give_their_own_exit_code(folder: Path, batch: Batch) -> None:
    """The style is gone when its turn comes: no check before can know."""
    text = JOBS + '[[jobs]]\ninput = "other.mp4"\nstyles = "gone.png"\noutput = "c.mp4"\n'
    (folder / "gone.png").write_bytes((folder / "style.png").read_bytes())
    path = manifest(folder, text.replace('input = "clip.mp4"', 'input = "long.mp4"'))
    write_clip(folder / "long.mp4", (30,))
    with spawned("batch", path, "-k", "--json", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "frame_done":
                (folder / "gone.png").unlink(missing_ok=True)
            last = json.loads(line)
    assert process.returncode == 6
    assert last["failed"] == [2] and last["jobs"][2]["error"]["where"] == "gone.png"
    assert [job["end"] for job in last["jobs"]] == ["done", "done", "failed"]


def test_a_budget_is_told_and_kept_or_refused(folder: Path, batch: Batch) -> None:
    path = manifest(folder, JOBS)
    refused = batch(path, "--budget", "0.001s/frame")
    assert refused.code == 2 and "cannot be met" in refused.err
    ended = batch(path, "--budget", "10min")
    assert ended.code == 0 and "Budget: 1 of 1 steps" in ended.err
    assert batch(path, "--budget", "soon").code == 2


def test_contradictions_are_refused(folder: Path, batch: Batch) -> None:
    path = manifest(folder, JOBS)
    assert batch(path, "-y", "-n").code == 2
    assert batch(path, "--root", folder / "absent").code == 3
    assert batch(path, "--device", "cuda:99").code == 7


@pytest.mark.usefixtures("forked_workers")
def test_several_processes_make_the_same_pictures(folder: Path, batch: Batch) -> None:
    path = manifest(folder, JOBS)
    alone = batch(path)
    assert alone.code == 0
    pixels = [pixels_of(Path(name)) for name in ("a.mp4", "b.mp4")]
    events = batch(path, "--restart", "-y", "-j", "2", "--json").events
    assert {event["worker"] for event in events if event["event"] == "began"} == {0, 1}
    assert events[-1]["counts"] == {"done": 2}
    assert [pixels_of(Path(name)) for name in ("a.mp4", "b.mp4")] == pixels


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_batch_that_is_stopped_goes_on_when_it_is_started_again(
    folder: Path, batch: Batch, number: signal.Signals
) -> None:
    # Its worker has other threads than this process, whose last bits differ: in int8 that can be seen.
    path = manifest(folder, JOBS.replace(QUICK, f'{QUICK}precision = "float32"\n'))
    assert batch(path).code == 0
    whole = [pixels_of(Path(name)) for name in ("a.mp4", "b.mp4")]
    for name in ("a.mp4", "b.mp4"):
        Path(name).unlink()
    with spawned("batch", path, "-j", "1", "--json", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "segment_closed":
                process.send_signal(number)
                break
    assert process.returncode == {2: 130, 9: -9, 15: 143}[number]
    deadline = time.monotonic() + 60
    ended = batch(path, "--json")
    while "is being rendered" in ended.err + ended.out and time.monotonic() < deadline:
        time.sleep(0.2)  # the worker of a killed parent ends by itself, and may finish a segment before
        ended = batch(path, "--json")
    assert ended.code == 0, ended.err + ended.out
    started = next(event for event in ended.events if event["event"] == "started")
    # What was closed is kept; the signal may come when all of the first job was done, down to its last frame.
    assert started["resumed_frames"] >= 3 or started["job"] == 1
    assert [pixels_of(Path(name)) for name in ("a.mp4", "b.mp4")] == whole
