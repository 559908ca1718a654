"""Renders with masks: each frame under the mask of its time, however the render is begun or resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from blending import Blending, blend, job, run
from clips import HEIGHT, TIMES, WIDTH, make_clip, make_picture, scene

from vidstyle.errors import InputError, OutputError, SettingsError
from vidstyle.frames import Frame, Motion
from vidstyle.media import Encoding, read, read_metadata, read_picture
from vidstyle.pipeline import (
    FrameDone,
    Job,
    MaskFile,
    Notice,
    Started,
    StyleFile,
    job_from_metadata,
    plan,
    render,
    told_by,
)
from vidstyle.pipeline.state import folder_of
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State

import av  # isort: skip  (after cv2)

LOSSLESS = Encoding("ffv1")
MASK_RATE = 10


def band(number: int) -> np.ndarray:
    """(H, W, 3): white in a band of 8 columns, further to the right in each frame."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, 4 * number : 4 * number + 8] = 255
    return picture


@pytest.fixture(scope="session")
def moving_mask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """15 frames, 10 a second: a band that moves."""
    path = tmp_path_factory.mktemp("masks") / "band.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=MASK_RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "gray"
        for number in range(15):
            frame = av.VideoFrame.from_ndarray(band(number)[..., 0], format="gray")
            frame.pts, frame.time_base = number, Fraction(1, MASK_RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


@pytest.fixture
def of(clip: Path, style: Path, moving_mask: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Nothing is painted but the band; what is painted is negative."""
    monkeypatch.chdir(tmp_path)
    return replace(
        job(clip, style, Path("out.mkv"), encoding=LOSSLESS), styles=(), masks=(MaskFile(moving_mask, style),)
    )


class Negative:
    """Paints each frame's negative."""

    def start(self, frame: Frame) -> Frame:
        return frame.with_pixels(1 - frame.floats())

    def next(self, frame: Frame, motion: Motion) -> Frame:
        return self.start(frame)

    def state(self) -> State:
        return {"nothing": np.zeros(1)}

    def restore(self, state: State) -> None:
        pass


def painted_columns(of: Job) -> Iterator[tuple[Fraction, list[int]]]:
    """The time of each frame of the source, and the columns that are painted; all others are the source's."""
    sources = list(read(of.source, start=of.start, duration=of.duration))
    results = list(read(of.output))
    assert len(sources) == len(results)
    for source, result in zip(sources, results, strict=True):
        same = (source.bytes() == result.bytes()).all((0, 2))
        negative = (np.abs(255 - source.bytes().astype(int) - result.bytes()) <= 1).all((0, 2))
        assert (same ^ negative).all()
        yield source.seconds, np.flatnonzero(negative).tolist()


def columns(time: Fraction) -> list[int]:
    number = min(int(time * MASK_RATE), 14)  # held at the end
    return list(range(4 * number, 4 * number + 8))


@pytest.mark.parametrize(
    "changes", [{}, {"start": Fraction(1, 2)}, {"start": Fraction(7, 10), "duration": Fraction(1, 2)}]
)
def test_a_moving_mask_follows_the_clips_times(of: Job, changes: dict[str, Fraction]) -> None:
    of = replace(of, **changes)
    run(of, Negative())
    seen = list(painted_columns(of))
    assert len(seen) > 10
    assert [found for _, found in seen] == [columns(time) for time, _ in seen]


def test_where_no_mask_lies_the_styles_paint_and_none_spares(of: Job) -> None:
    style = of.masks[0].style
    assert style is not None
    of = replace(of, styles=(StyleFile(style),), masks=(MaskFile(of.masks[0].path, None),))
    run(of, Negative())
    for time, found in painted_columns(of):
        assert found == [column for column in range(WIDTH) if column not in columns(time)]


def test_grey_shows_the_source_through_by_as_much(of: Job, tmp_path: Path) -> None:
    source = make_picture(tmp_path / "in.png", (48, 64))
    cv2.imwrite("grey.png", np.full((48, 64), 128, np.uint8))
    mask = MaskFile(Path("grey.png"), source)
    still = replace(of, source=source, output=Path("out.png"), masks=(mask,), encoding=Encoding())
    run(still, Negative())
    painted = read_picture("out.png").pixels.astype(int)
    before = read_picture(source).pixels.astype(int)
    assert np.abs(painted - (0.4983 * before + 0.5017 * (255 - before))).max() <= 1


def test_styles_reach_the_painter_each_with_its_region(of: Job, style: Path) -> None:
    masks = (of.masks[0], MaskFile(of.masks[0].path, None), MaskFile(of.masks[0].path, style))
    planned = plan(replace(of, styles=(StyleFile(style, 2.0),), masks=masks))
    assert [(picture.region, picture.weight) for picture in planned.styles] == [(0, 2), (1, 1), (3, 1)]


def stop_after(of: Job, frames: int, stylizer: Callable[[], object]) -> None:
    with closing(render(of, make_painter=blend(stylizer()))) as events:
        next(event for event in events if isinstance(event, FrameDone) and event.done == frames)


@pytest.mark.parametrize("frames", [10, 30])
def test_a_render_that_was_left_goes_on_under_the_same_masks(of: Job, frames: int) -> None:
    run(of)
    whole = of.output.read_bytes()
    of.output.unlink()
    stop_after(of, frames, Blending)
    events = run(of)
    assert next(event for event in events if isinstance(event, Started)).resumed_frames > 0
    assert of.output.read_bytes() == whole


def test_a_render_does_not_go_on_under_another_mask(of: Job, style: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    cv2.imwrite(str(mask), band(3))
    of = replace(of, masks=(MaskFile(mask, style),))
    stop_after(of, 10, Blending)
    cv2.imwrite(str(mask), band(4))
    with pytest.raises(OutputError, match="an unfinished render of it differs in masks"):
        run(of)
    cv2.imwrite(str(mask), band(3))
    with pytest.raises(OutputError, match="differs in masks"):
        run(replace(of, masks=(MaskFile(mask, make_picture(tmp_path / "other.png", (60, 60))),)))
    run(of)


def test_the_output_tells_its_masks(of: Job) -> None:
    of = replace(of, masks=(*of.masks, MaskFile(of.masks[0].path, None)))
    run(of)
    told = told_by(read_metadata(of.output), of.output)
    assert job_from_metadata(told) == of
    assert [len(mask["sha256"]) for mask in told["masks"]] == [64, 64]


def test_the_optimiser_goes_on_to_the_same_bytes_under_a_moving_mask(of: Job, style: Path) -> None:
    settings = Settings.preset("draft", first_steps=(2,), steps=1, min_steps=1, device="cpu")
    of = replace(of, settings=settings, styles=(StyleFile(style),), duration=Fraction(1, 2))
    list(render(of))
    whole = of.output.read_bytes()
    of.output.unlink()
    with closing(render(of)) as events:
        next(event for event in events if isinstance(event, FrameDone) and event.done == 10)
    list(render(of))
    assert of.output.read_bytes() == whole


def test_strokes_that_wobble_are_held_or_close_a_loop_leave_the_rest_alone(of: Job, style: Path) -> None:
    settings = Settings.preset(
        "draft", first_steps=(1,), steps=1, min_steps=1, device="cpu", boil=1.0, loop=True
    )
    of = replace(of, settings=settings, duration=Fraction(2, 5), masks=(MaskFile(of.masks[0].path, style),))
    for each in (of, replace(of, settings=replace(settings, loop=False, hold=2), overwrite=True)):
        list(render(each))
        for source, result in zip(read(of.source, duration=of.duration), read(of.output), strict=True):
            beyond = [column for column in range(WIDTH) if column not in columns(source.seconds)]
            assert np.array_equal(source.bytes()[:, beyond], result.bytes()[:, beyond])
            assert not np.array_equal(source.bytes(), result.bytes())


def notices(of: Job) -> list[str]:
    return [event.text for event in run(of) if isinstance(event, Notice)]


def test_a_mask_that_ends_early_or_is_stretched_is_told_of(of: Job, style: Path, tmp_path: Path) -> None:
    short = make_clip(tmp_path / "short.mp4", times=TIMES[:10], size=(48, 48), sound=False, cut=None)
    told = notices(replace(of, masks=(MaskFile(short, style),)))
    assert any(f"{short} ends at 0.4" in text and "last frame is held" in text for text in told)
    assert any(f"{short} has other proportions" in text and "(48x48, 64x48)" in text for text in told)
    assert not [
        text
        for text in notices(replace(of, duration=Fraction(1), overwrite=True))
        if "mask" in text or "band" in text
    ]


def test_damage_in_a_mask_is_told_of(of: Job, style: Path, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "mask.mp4", sound=False, cut=None, gop=4)
    content = bytearray(path.read_bytes())
    middle = content.index(b"mdat") + 2000
    content[middle : middle + 60] = bytes(60)
    path.write_bytes(content)
    told = notices(replace(of, masks=(MaskFile(path, style),)))
    assert any(f"{of.source}: its mask {path}: " in text and "damaged" in text for text in told)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"Dear diary", "is no video or picture that can be read"),
        ("sound", "holds sound but no video"),
        ("large", "has 100x100 pixels, more than"),
    ],
)
def test_a_mask_that_is_none_is_told_before_the_first_frame(
    of: Job, style: Path, tmp_path: Path, content: bytes | str | None, complaint: str
) -> None:
    mask = tmp_path / "mask.m4a"
    if content == "sound":
        make_sound(mask)
    elif content == "large":
        cv2.imwrite(str(tmp_path / "large.png"), np.zeros((100, 100), np.uint8))
        mask = tmp_path / "large.png"
        of = replace(of, limits=replace(of.limits, max_pixels=64 * 48))
    elif isinstance(content, bytes):
        mask.write_bytes(content)
    with pytest.raises(InputError, match=rf"{mask.name}: .*{complaint}"):
        plan(replace(of, masks=(MaskFile(mask, style),)))
    assert not folder_of(of.output).exists()


def make_sound(path: Path) -> None:
    from clips import tone

    with av.open(str(path), "w", format="mp4") as container:
        audio = container.add_stream("aac", rate=48000, layout="mono")
        for block in tone(0.2):
            container.mux(audio.encode(block))
        container.mux(audio.encode(None))


def test_the_style_under_a_mask_is_checked_too(of: Job) -> None:
    with pytest.raises(InputError, match=r"gone\.png"):
        plan(replace(of, masks=(MaskFile(of.masks[0].path, Path("gone.png")),)))


def test_a_job_that_would_paint_nothing_is_refused(of: Job) -> None:
    with pytest.raises(SettingsError, match="names no style"):
        replace(of, masks=(MaskFile(of.masks[0].path, None),))


@pytest.mark.parametrize("name", ["mask.png", "style.png"])
def test_an_output_is_neither_a_mask_nor_the_style_under_one(of: Job, tmp_path: Path, name: str) -> None:
    for each in ("mask.png", "style.png"):
        cv2.imwrite(each, scene(0))
    picture = make_picture(tmp_path / "in.png")
    masks = (MaskFile(Path("mask.png"), Path("style.png")),)
    with pytest.raises(OutputError, match="is one of the"):
        plan(replace(of, source=picture, output=Path(name), masks=masks, overwrite=True))


def test_pixels_that_are_not_square_are_seen_as_they_are_shown(of: Job, style: Path, tmp_path: Path) -> None:
    wide = tmp_path / "wide.mp4"
    with av.open(str(wide), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 32, 48, "yuv420p"
        video.codec_context.sample_aspect_ratio = Fraction(2)
        black = av.VideoFrame.from_ndarray(np.zeros((48, 32, 3), np.uint8), format="rgb24")
        container.mux(video.encode(black))
        container.mux(video.encode(None))
    told = plan(replace(of, masks=(MaskFile(wide, style),))).notices
    assert not [text for text in told if "proportions" in text]
