from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from contextlib import chdir, closing
from dataclasses import replace
from pathlib import Path

import pytest
from blending import Blending, blend, job, run
from clips import FRAMES, sound_of

from vidstyle.errors import OutputError
from vidstyle.pipeline import Finished, FrameDone, Job, Notice, SegmentClosed, Started, render
from vidstyle.pipeline.state import folder_of


@pytest.fixture(scope="module")
def whole(clip: Path, style: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a render that nothing disturbs gives."""
    with chdir(tmp_path_factory.mktemp("whole")):
        run(job(clip, style, Path("out.mp4")))
        return Path("out.mp4").read_bytes()


@pytest.fixture
def of(clip: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job whose output has one name for all tests: its metadata tell it."""
    monkeypatch.chdir(tmp_path)
    return job(clip, style, Path("out.mp4"))


def stop_after(of: Job, frames: int) -> None:
    """Render until so many frames are done, then leave."""
    with closing(render(of, make_painter=blend())) as events:
        for event in events:
            if isinstance(event, FrameDone) and event.done == frames:
                return


def stop_before_the_end(of: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Render every segment, and stop before they are joined."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vidstyle.pipeline.finish.assemble", stop)
        with pytest.raises(KeyboardInterrupt):
            run(of)


@pytest.mark.parametrize("frames", [1, 8, 9, 22, 30, 40])
def test_a_render_that_was_left_goes_on_to_the_same_bytes(of: Job, whole: bytes, frames: int) -> None:
    stop_after(of, frames)
    assert not of.output.exists()
    events = run(of)
    started = next(event for event in events if isinstance(event, Started))
    assert started.resumed_frames == {1: 0, 8: 0, 9: 8, 22: 21, 30: 29}.get(frames, 37)
    done = [event.index for event in events if isinstance(event, FrameDone)]
    assert done == list(range(started.resumed_frames, FRAMES))
    assert of.output.read_bytes() == whole
    assert not folder_of(of.output).exists()


def test_a_render_stopped_again_and_again_gives_the_same_bytes(of: Job, whole: bytes) -> None:
    for _ in range(6):
        with closing(render(of, make_painter=blend())) as events:
            assert any(isinstance(event, SegmentClosed) for event in events)  # leaves at the first
        assert not of.output.exists()
    run(of)
    assert of.output.read_bytes() == whole


def test_ctrl_c_in_the_middle_of_a_frame_keeps_what_was_finished(of: Job, whole: bytes) -> None:
    class Stopped(Blending):
        def next(self, frame, motion):
            if frame.index == 19:
                raise KeyboardInterrupt
            return super().next(frame, motion)

    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run(of, Stopped())
    assert threading.active_count() == threads
    assert not of.output.exists()
    assert {path.name for path in folder_of(of.output).iterdir()} == {
        "job.json",
        *("00000.json", "00000.mp4", "00000.carry.npz"),
        *("00001.json", "00001.mp4", "00001.carry.npz"),
    }
    events = run(of)
    assert isinstance(events[-1], Finished)
    assert events[-1].resumed_frames == 16
    assert of.output.read_bytes() == whole


def test_a_render_left_before_its_first_segment_leaves_nothing(of: Job, tmp_path: Path) -> None:
    stop_after(of, 3)
    assert list(tmp_path.iterdir()) == []


def test_what_shots_end_with_is_not_carried_on(of: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_before_the_end(of, monkeypatch)
    carries = sorted(path.name[:5] for path in folder_of(of.output).glob("*.npz"))
    assert carries == ["00000", "00001", "00003", "00004"]  # 2 ends at the cut, 5 with the clip


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Path], None], list[int]]] = {
    "a byte of a segment": (lambda state: flip_a_byte(state / "00001.mp4"), list(range(8, 16))),
    "a byte of a record": (lambda state: flip_a_byte(state / "00003.json"), list(range(21, 29))),
    "a byte of a carry": (lambda state: flip_a_byte(state / "00003.carry.npz"), list(range(21, 29))),
    "no first record": (lambda state: (state / "00000.json").unlink(), list(range(8))),
    "no record": (lambda state: (state / "00004.json").unlink(), list(range(29, 37))),
    "no last record": (lambda state: (state / "00005.json").unlink(), list(range(37, 40))),
    "no segment": (lambda state: (state / "00002.mp4").unlink(), list(range(16, 21))),
    "a segment cut short": (lambda state: (state / "00002.mp4").write_bytes(b""), list(range(16, 21))),
    "a byte of the job": (lambda state: flip_a_byte(state / "job.json"), []),
    "no job": (lambda state: (state / "job.json").unlink(), []),
    "two in a row": (
        lambda state: [(state / f"0000{number}.json").unlink() for number in (1, 2)] and None,
        list(range(8, 21)),
    ),
    "two apart": (
        lambda state: [flip_a_byte(state / f"0000{number}.mp4") for number in (0, 4)] and None,
        [*range(8), *range(29, 37)],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_of_a_damaged_state_only_what_is_damaged_is_painted_again(
    of: Job, whole: bytes, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    stop_before_the_end(of, monkeypatch)
    spoil, frames = DAMAGES[damage]
    spoil(folder_of(of.output))
    stylizer = Blending()
    events = run(of, stylizer)
    assert [index for call, index in stylizer.calls if call != "restore"] == frames
    assert any(isinstance(event, Notice) and "damaged" in event.text for event in events) == bool(frames)
    done = [event.done for event in events if isinstance(event, FrameDone)]
    assert done == list(range(FRAMES - len(frames) + 1, FRAMES + 1))
    assert of.output.read_bytes() == whole


def test_segments_that_started_from_another_picture_are_painted_again(
    of: Job, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a device that gives other pixels each time: no seam may show where segments meet."""
    stop_before_the_end(of, monkeypatch)
    (folder_of(of.output) / "00000.json").unlink()

    class Other(Blending):
        def start(self, frame):
            return self._done("start", frame, 0.9 - 0.9 * frame.floats())

    stylizer = Other()
    run(of, stylizer)
    painted = [index for call, index in stylizer.calls if call != "restore"]
    assert painted == list(range(21))  # up to the cut: the second shot depends on nothing before it
    assert len(sound_of(of.output)) > 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda of: replace(of, settings=replace(of.settings, steps=7)),
            "settings steps (2 then, 7 now)",
        ),
        (lambda of: replace(of, size=80), "size (64x48 then, 80x60 now)"),
        (lambda of: replace(of, encoding=replace(of.encoding, crf=30)), "encoding crf (None then, 30 now)"),
        (lambda of: replace(of, segment_frames=9), "segment frames (8 then, 9 now)"),
        (lambda of: replace(of, styles=(replace(of.styles[0], weight=2),)), "styles"),
    ],
)
def test_a_state_of_other_settings_is_refused_and_kept(
    of: Job, whole: bytes, change: Callable[[Job], Job], named: str
) -> None:
    stop_after(of, 20)
    with pytest.raises(OutputError) as refused:
        run(change(of))
    assert named in str(refused.value)
    assert "--restart" in refused.value.hint
    run(of)
    assert of.output.read_bytes() == whole


def test_a_state_of_other_weights_is_refused(of: Job) -> None:
    stop_after(of, 20)
    with pytest.raises(OutputError, match="differs in weights"):
        run(of, weights="x" * 64)


def test_a_state_of_another_version_is_refused(of: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_after(of, 20)
    module = sys.modules["vidstyle.pipeline.plan"]  # its name in the package is the function's
    monkeypatch.setattr(module, "version", lambda package: "99.0")
    with pytest.raises(OutputError, match=r"differs in vidstyle version.*--restart"):
        run(of)


def test_a_state_of_another_source_of_the_same_name_is_refused(
    clip: Path, style: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(clip.read_bytes())
    of = job(source, style, tmp_path / "out.mp4")
    stop_after(of, 20)
    source.write_bytes(clip.read_bytes() + b"\0\0\0\x08free")
    with pytest.raises(OutputError, match="differs in source"):
        run(of)


def test_a_state_of_unknown_settings_is_refused(of: Job) -> None:
    stop_after(of, 20)
    state = folder_of(of.output)
    for path in state.glob("*.json"):
        path.write_text("{")
    with pytest.raises(OutputError, match=r"damaged.*--restart"):
        run(of)


def test_restart_drops_what_was_finished(of: Job) -> None:
    stop_after(of, 30)
    changed = replace(of, settings=replace(of.settings, steps=7), restart=True)
    events = run(changed)
    assert isinstance(events[-1], Finished)
    assert events[-1].resumed_frames == 0
    assert [event.index for event in events if isinstance(event, FrameDone)] == list(range(FRAMES))


def test_other_settings_need_no_restart_where_nothing_was_finished(of: Job) -> None:
    stop_after(of, 4)
    state = folder_of(of.output)
    state.mkdir()
    (state / "job.json").write_text(json.dumps({"job": {}, "sha256": ""}))
    run(replace(of, settings=replace(of.settings, steps=7)))
    assert of.output.exists()


def test_two_renders_do_not_share_a_state(of: Job) -> None:
    with closing(render(of, make_painter=blend())) as events:
        next(event for event in events if isinstance(event, FrameDone))
        with pytest.raises(OutputError, match="is being rendered by process"):
            run(of)
        assert any(isinstance(event, Finished) for event in events)  # the first is not disturbed
    assert of.output.exists()


def test_a_lock_of_a_dead_process_is_taken_over(of: Job, whole: bytes) -> None:
    stop_after(of, 20)
    (folder_of(of.output) / "lock").write_text("process 1")  # alive, and no render
    run(of)
    assert of.output.read_bytes() == whole


@pytest.mark.parametrize("left", ["everything", "the job alone"])
def test_a_render_stopped_right_after_its_output_got_its_name_has_nothing_left_to_do(
    of: Job, whole: bytes, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    def stop(state) -> None:
        if left == "the job alone":
            for path in state.folder.glob("0*"):
                path.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vidstyle.pipeline.state.State.clear", stop)
        with pytest.raises(KeyboardInterrupt):
            run(of)
    assert of.output.read_bytes() == whole
    stylizer = Blending()
    events = run(of, stylizer)
    assert isinstance(events[-1], Finished)
    assert (events[-1].frames, events[-1].resumed_frames) == (FRAMES, FRAMES)
    assert stylizer.calls == []
    assert not folder_of(of.output).exists()
