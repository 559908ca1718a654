from __future__ import annotations

import json
from pathlib import Path

import pytest
import scaling_simulation
from scaling_simulation import Times, library, simulate

TIMES = Times("a machine", "64x48", 2.0, 0.5, 0.1, 0.004, 0.002, 0.0005)


def painting(clips: int) -> float:
    return sum(TIMES.shot(frames) for clip in library(clips) for frames in clip.shots)


def test_one_worker_that_never_fails_takes_what_painting_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling_simulation, "BETWEEN_FAILURES", 1e12)
    outcome = simulate(TIMES, 20, 1)
    assert outcome.useful == pytest.approx(painting(20))
    assert outcome.useful < outcome.seconds < 1.03 * outcome.useful
    assert outcome.failures == 0 and outcome.lost == 0


@pytest.mark.parametrize("workers", [1, 7, 100])
def test_every_frame_is_painted_however_many_workers_fail(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(scaling_simulation, "BETWEEN_FAILURES", 300.0)
    outcome = simulate(TIMES, 20, workers)
    assert outcome.failures > 10 and outcome.lost > 0
    # A shot that goes on elsewhere has no first frame again: a little less may be painted, never more.
    assert 0.9 * painting(20) < outcome.useful <= painting(20) + 1e-6
    assert outcome.seconds >= outcome.useful / workers
    assert outcome.used <= 1


def test_more_workers_are_faster_until_the_longest_shot_bounds_them() -> None:
    seconds = [simulate(TIMES, 50, workers).seconds for workers in (1, 10, 10_000)]
    assert seconds[0] > 8 * seconds[1]
    longest = max(TIMES.shot(frames) for clip in library(50) for frames in clip.shots)
    assert longest <= seconds[2] < seconds[1]


def test_the_table_is_put_into_the_document(tmp_path: Path) -> None:
    document, times = tmp_path / "scaling.md", tmp_path / "times.json"
    times.write_text(json.dumps(TIMES.__dict__))
    for _ in range(2):
        scaling_simulation.main(["--times", str(times), "--document", str(document), "--clips", "5"])
    text = document.read_text()
    assert text.count("| 1,000 |") == 1 and "a machine" in text
