from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from blending import Blending, job, run
from clips import CUT, FRAMES, TIME_BASE, TIMES, make_clip, make_picture, pixels_of, sound_of, times_of

from vidstyle.media import read_metadata, read_picture
from vidstyle.pipeline import (
    Finished,
    FrameDone,
    Notice,
    SegmentClosed,
    Started,
    StyleFile,
    job_from_metadata,
    told_by,
)


def test_uneven_times_of_the_source_are_kept_exactly(clip: Path, style: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    run(job(clip, style, output))
    assert times_of(output) == [(time - TIMES[0]) * TIME_BASE for time in TIMES]


def test_sound_is_copied_bit_for_bit(clip: Path, style: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    run(job(clip, style, output))
    assert sound_of(output) == sound_of(clip)


def test_a_hard_cut_starts_a_new_shot_and_a_new_segment(clip: Path, style: Path, tmp_path: Path) -> None:
    stylizer = Blending()
    events = run(job(clip, style, tmp_path / "out.mp4"), stylizer)
    assert [index for call, index in stylizer.calls if call == "start"] == [0, CUT]
    segments = [(event.first, event.frames) for event in events if isinstance(event, SegmentClosed)]
    assert segments == [(0, 8), (8, 8), (16, 5), (21, 8), (29, 8), (37, 3)]


def test_events_tell_every_frame_once_and_in_order(clip: Path, style: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    events = run(job(clip, style, output))
    assert events[0] == Started(FRAMES, (48, 64), 0)
    done = [event for event in events if isinstance(event, FrameDone)]
    assert [event.index for event in done] == list(range(FRAMES))
    assert [event.done for event in done] == list(range(1, FRAMES + 1))
    assert [event.index for event in done if event.shot_begins] == [0, CUT]
    assert isinstance(events[-1], Finished)
    assert (events[-1].output, events[-1].frames, events[-1].resumed_frames) == (output, FRAMES, 0)


def test_nothing_but_the_output_is_left(clip: Path, style: Path, tmp_path: Path) -> None:
    run(job(clip, style, tmp_path / "out.mp4"))
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_length_of_segments_does_not_change_what_is_painted(clip: Path, style: Path, tmp_path: Path) -> None:
    painted = []
    for length in (5, 100):
        stylizer = Blending()
        run(job(clip, style, tmp_path / f"{length}.mp4", segment_frames=length), stylizer)
        painted.append(stylizer.painted)
    assert np.array_equal(*painted)


def test_a_trimmed_render_takes_just_its_frames_and_stays_in_sync(
    clip: Path, style: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.mp4"
    start, duration = Fraction(1, 2), Fraction(3, 5)
    run(job(clip, style, output, start=start, duration=duration))
    wanted = [time * TIME_BASE for time in TIMES if start <= time * TIME_BASE < start + duration]
    times = times_of(output)
    assert [time - times[0] for time in times] == [time - wanted[0] for time in wanted]
    shift = wanted[0] - times[0]  # by as much as the picture, the sound has moved too
    whole = {data: time for time, data in sound_of(clip)}
    moved = [abs(whole[data] - time - shift) for time, data in sound_of(output)]
    assert len(moved) > 20
    assert max(moved) < Fraction(1, 1000)


def test_matroska_keeps_times_to_the_millisecond(clip: Path, style: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mkv"
    run(job(clip, style, output))
    wanted = [(time - TIMES[0]) * TIME_BASE for time in TIMES]
    differences = [abs(a - b) for a, b in zip(times_of(output), wanted, strict=True)]
    assert max(differences) <= Fraction(1, 1000)


def test_a_clip_of_one_frame_becomes_a_clip_of_one_frame(style: Path, tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", times=(0,), sound=False)
    run(job(source, style, tmp_path / "out.mp4"))
    assert len(times_of(tmp_path / "out.mp4")) == 1


def test_size_is_that_of_the_job(clip: Path, style: Path, tmp_path: Path) -> None:
    events = run(job(clip, style, tmp_path / "out.mp4", size=96))
    assert events[0] == Started(FRAMES, (72, 96), 0)
    assert pixels_of(tmp_path / "out.mp4").shape[1:3] == (72, 96)


def test_odd_sides_are_rounded_for_the_encoder_and_told(style: Path, clip: Path, tmp_path: Path) -> None:
    events = run(job(clip, style, tmp_path / "out.mp4", size=(65, 49)))
    assert pixels_of(tmp_path / "out.mp4").shape[1:3] == (48, 64)
    assert any(isinstance(event, Notice) and "64x48, not 65x49" in event.text for event in events)


def test_a_picture_becomes_a_picture(style: Path, tmp_path: Path) -> None:
    source, output = make_picture(tmp_path / "in.png", (60, 80)), tmp_path / "out.png"
    events = run(job(source, style, output, size=64))
    assert events[0] == Started(1, (48, 64), 0)
    assert isinstance(events[-1], Finished)
    assert read_picture(output).pixels.shape == (48, 64, 3)


def test_the_output_tells_the_job_that_made_it(clip: Path, style: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    of = job(clip, style, output, size=80, start=Fraction(1, 10), duration=Fraction(1, 3))
    run(of)
    told = told_by(read_metadata(output), output)
    assert job_from_metadata(told) == of
    assert len(told["source"]["sha256"]) == 64


@pytest.mark.parametrize("name", ["out.png", "out.jpg"])
def test_a_painted_picture_tells_its_job_too(style: Path, tmp_path: Path, name: str) -> None:
    of = job(make_picture(tmp_path / "in.png"), style, tmp_path / name)
    run(of)
    assert job_from_metadata(told_by(read_metadata(of.output), of.output)) == of


def test_weights_of_styles_reach_the_painter(clip: Path, style: Path, tmp_path: Path) -> None:
    from vidstyle.pipeline import Painter, render

    seen = []

    def make(styles, settings, footage):
        seen.extend(styles)
        return Painter(Blending(), "w" * 64)

    of = job(clip, style, tmp_path / "out.mp4", duration=Fraction(1, 10))
    of = type(of)(**{**vars(of), "styles": (StyleFile(style, 2), StyleFile(style, 0.5))})
    list(render(of, make_painter=make))
    assert [(picture.weight, picture.pixels.shape) for picture in seen] == [
        (2, (40, 50, 3)),
        (0.5, (40, 50, 3)),
    ]
