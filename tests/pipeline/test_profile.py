"""The profile of a render: a trace that parses, with every frame in it once a stage."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from blending import Blending, blend, job
from clips import FRAMES

from vidstyle.errors import OutputError
from vidstyle.pipeline import Job, Profile, render
from vidstyle.pipeline.output import check_trace
from vidstyle.pipeline.prefetch import Prefetched
from vidstyle.pipeline.profile import made, spent

WAIT = 0.02  # seconds that a frame is painted for, at least


def profiled(of: Job, trace: Path, wait: float = WAIT) -> tuple[Profile, list[dict], float]:
    """The profile of a render, the events of its trace, and the seconds that it took."""
    began = time.perf_counter()
    with Profile(trace) as profile:
        list(render(of, make_painter=blend(Blending(wait)), profile=profile))
    seconds = time.perf_counter() - began
    return profile, json.loads(trace.read_text()), seconds


@pytest.fixture(scope="module")
def render_told(
    clip: Path, style: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Profile, list[dict], float]:
    folder = tmp_path_factory.mktemp("profile")
    return profiled(job(clip, style, folder / "out.mp4"), folder / "trace.json")


def test_each_stage_has_a_span_for_each_frame(render_told) -> None:
    profile, events, _ = render_told
    for stage in ("decode", "flow", "solve", "encode"):
        assert sum(event["name"] == stage for event in events) == FRAMES, stage
    assert {time.stage: time.spans for time in profile.times()} == {
        **{stage: FRAMES for stage in ("decode", "flow", "solve", "encode")},
        "prepare": 2,  # the plan and the painter
        "close": 13,  # two for each of six segments, and the file
    }


def test_the_trace_is_in_the_format_that_viewers_read(render_told) -> None:
    _, events, _ = render_told
    named = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert {"vidstyle-decode", "vidstyle-flow", "vidstyle-encode", "MainThread"} <= set(named.values())
    spans = [event for event in events if event["ph"] == "X"]
    for span in spans:
        assert span["ts"] >= 0 and span["dur"] >= 0 and span["tid"] in named
    assert {named[span["tid"]] for span in spans if span["name"] == "solve"} == {"MainThread"}
    assert {named[span["tid"]] for span in spans if span["name"] == "flow"} == {"vidstyle-flow"}


def test_spans_of_a_thread_do_not_overlap(render_told) -> None:
    _, events, _ = render_told
    ends: dict[int, float] = {}
    for span in (event for event in events if event["ph"] == "X"):  # noted when they end, so in order
        assert span["ts"] >= ends.get(span["tid"], 0) - 0.2, span  # rounded to a tenth of a microsecond
        ends[span["tid"]] = span["ts"] + span["dur"]


def test_what_the_painting_thread_did_and_waited_for_is_all_of_the_time(render_told) -> None:
    profile, _, seconds = render_told
    times = {time.stage: time for time in profile.times()}
    solve = times["solve"]
    told = times["prepare"].seconds + solve.seconds + solve.input_seconds + solve.room_seconds
    assert solve.seconds >= FRAMES * WAIT
    assert 0.8 * seconds < told + times["close"].seconds  # of which the last is waited for
    assert told <= seconds


def test_the_stages_before_the_slowest_wait_for_room(clip: Path, style: Path, tmp_path: Path) -> None:
    profile, _, seconds = profiled(job(clip, style, tmp_path / "out.mp4"), tmp_path / "trace.json", wait=0.05)
    times = {time.stage: time for time in profile.times()}
    assert times["decode"].room_seconds > 0.4 * seconds
    assert times["flow"].room_seconds > 0.4 * seconds
    assert times["encode"].input_seconds > 0.4 * seconds


def test_the_stages_after_the_slowest_wait_for_input(tmp_path: Path) -> None:
    def slow() -> Iterator[int]:
        for number in range(5):
            time.sleep(0.03)
            yield number

    with Profile(tmp_path / "trace.json") as profile:
        with Prefetched(made(profile, "flow", slow()), profile=profile) as items:
            for _ in items:
                with spent(profile, "solve"):
                    pass
        flow, solve = profile.times()
    assert (flow.stage, flow.spans, solve.spans) == ("flow", 5, 5)
    assert solve.input_seconds == pytest.approx(flow.seconds, rel=0.3)


def test_a_wait_within_a_span_is_not_counted_twice(tmp_path: Path) -> None:
    with Profile(tmp_path / "trace.json") as profile:
        with spent(profile, "flow"):
            with spent(profile, "flow", "waits for input"):
                time.sleep(0.05)
            time.sleep(0.01)
        (flow,) = profile.times()
    assert flow.input_seconds >= 0.05
    assert 0.01 <= flow.seconds < 0.05


def test_without_a_profile_the_stream_itself_is_passed_on() -> None:
    stream = (number for number in range(3))
    assert made(None, "flow", stream) is stream


def test_a_render_that_stops_leaves_a_trace_that_parses(clip: Path, style: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    with pytest.raises(KeyboardInterrupt), Profile(trace) as profile:
        for number, _ in enumerate(
            render(job(clip, style, tmp_path / "out.mp4"), make_painter=blend(), profile=profile)
        ):
            if number == 5:
                raise KeyboardInterrupt
    assert any(event["name"] == "solve" for event in json.loads(trace.read_text()))


def test_a_trace_that_cannot_be_written_is_told_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(OutputError), Profile(tmp_path / "nowhere" / "trace.json"):
        pass


def test_a_trace_does_not_replace_files_of_the_render(clip: Path, style: Path, tmp_path: Path) -> None:
    of = job(clip, style, tmp_path / "out.mp4", overwrite=True)
    for file in (clip, style, tmp_path / "out.mp4"):
        with pytest.raises(OutputError, match="of the render itself"):
            check_trace(file, of)
    there = tmp_path / "trace.json"
    there.write_text("{}")
    check_trace(there, of)
    with pytest.raises(OutputError, match="exists already"):
        check_trace(there, job(clip, style, tmp_path / "out.mp4"))
