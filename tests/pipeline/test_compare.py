"""What `compare` shows of source and result, and that neither is touched by it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from blending import blend, job, run
from clips import HEIGHT, WIDTH, make_clip, make_picture, pixels_of, scene, times_of

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media import Colors, Encoding, Reading, VideoShape, VideoWriter, probe, read, read_metadata
from vidstyle.pipeline import FrameDone, Started, job_from_metadata, render, told_by
from vidstyle.pipeline.compare import SWING, beside, compared, divided, swing

LOSSLESS = Encoding("ffv1")
SHAPE = VideoShape(WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def plain(clip: Path, style: Path, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The result alone, (N, H, W, 3)."""
    output = tmp_path_factory.mktemp("plain") / "out.mkv"
    run(job(clip, style, output, encoding=LOSSLESS))
    return pixels_of(output)


def test_side_shows_every_pixel_of_source_and_result(
    clip: Path, style: Path, tmp_path: Path, plain: np.ndarray
) -> None:
    output = tmp_path / "out.mkv"
    events = run(job(clip, style, output, encoding=LOSSLESS, compare="side"))
    pixels = pixels_of(output)
    source = np.stack([frame.bytes() for frame in read(clip)])
    assert pixels.shape == (len(plain), HEIGHT, 2 * WIDTH, 3)
    assert np.array_equal(pixels[:, :, :WIDTH], source)
    assert np.array_equal(pixels[:, :, WIDTH:], plain)
    assert next(event.size for event in events if isinstance(event, Started)) == (HEIGHT, 2 * WIDTH)


def test_split_shows_the_source_left_of_a_line_and_the_result_right_of_it(
    clip: Path, style: Path, tmp_path: Path, plain: np.ndarray
) -> None:
    output = tmp_path / "out.mkv"
    run(job(clip, style, output, encoding=LOSSLESS, compare="split"))
    pixels = pixels_of(output)
    source = np.stack([frame.bytes() for frame in read(clip)])
    middle = WIDTH // 2
    assert np.array_equal(pixels[:, :, : middle - 2], source[:, :, : middle - 2])
    assert np.array_equal(pixels[:, :, middle + 2 :], plain[:, :, middle + 2 :])
    assert (pixels[:, :, middle - 1 : middle + 1] == 255).all()


def test_the_line_of_a_wipe_moves_with_the_time_of_the_frames_from_where_the_render_begins(
    clip: Path, style: Path, tmp_path: Path
) -> None:
    output, start = tmp_path / "out.mkv", Fraction(1, 2)
    run(job(clip, style, output, encoding=LOSSLESS, compare="wipe", start=start))
    first = probe(clip).start + start
    for frame, pixels in zip(read(clip, start=start), pixels_of(output), strict=True):
        column = round(swing(float(frame.seconds - first)) * WIDTH)
        assert (pixels[:, max(0, column - 1) : column + 1] == 255).all()
        assert np.array_equal(pixels[:, : max(0, column - 2)], frame.bytes()[:, : max(0, column - 2)])


def test_a_wipe_sets_out_at_the_right_and_comes_back() -> None:
    assert swing(0) == 1
    assert swing(SWING / 4) == pytest.approx(0.5)
    assert swing(SWING / 2) == pytest.approx(0)
    assert swing(SWING) == pytest.approx(1)


@pytest.mark.parametrize("compare", ["side", "wipe"])
def test_a_stopped_comparison_goes_on_to_the_same_bytes(
    clip: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compare: str
) -> None:
    monkeypatch.chdir(tmp_path)
    of = job(clip, style, Path("out.mp4"), compare=compare)
    run(of)
    whole = of.output.read_bytes()
    of.output.unlink()
    with closing(render(of, make_painter=blend())) as events:
        for event in events:
            if isinstance(event, FrameDone) and event.done == 12:
                break
    assert next(event.resumed_frames for event in run(of) if isinstance(event, Started)) == 8
    assert of.output.read_bytes() == whole


def test_what_a_stopped_render_left_does_not_go_on_as_a_comparison(
    clip: Path, style: Path, tmp_path: Path
) -> None:
    of = job(clip, style, tmp_path / "out.mp4")
    with closing(render(of, make_painter=blend())) as events:
        for event in events:
            if isinstance(event, FrameDone) and event.done == 12:
                break
    with pytest.raises(OutputError, match=r"differs in compare \(None then, side now\)"):
        run(replace(of, compare="side"))


def test_the_output_tells_how_it_compares(clip: Path, style: Path, tmp_path: Path) -> None:
    of = job(clip, style, tmp_path / "out.mp4", compare="split")
    run(of)
    assert job_from_metadata(told_by(read_metadata(of.output), of.output)).compare == "split"


@pytest.mark.parametrize("name", ["out.gif", "out.avi", "out_%02d.png"])
def test_outputs_that_are_encoded_at_the_end_are_as_wide_as_the_comparison(
    style: Path, tmp_path: Path, name: str
) -> None:
    source = make_clip(tmp_path / "clip.mp4", times=tuple(range(0, 96, 24)), cut=None, sound=False)
    run(job(source, style, tmp_path / name, compare="side"))
    made = tmp_path / name.replace("%02d", "01")
    assert (probe(made).video.width, probe(made).video.height) == (2 * WIDTH, HEIGHT)


def test_pixels_that_are_not_square_stay_so_on_both_sides(style: Path, tmp_path: Path) -> None:
    source = tmp_path / "wide.mp4"
    shape = replace(SHAPE, sample_aspect_ratio=Fraction(4, 3))
    with VideoWriter(source, shape) as writer:
        for number in range(3):
            writer.add(Frame(scene(number), number))
    run(job(source, style, tmp_path / "out.mp4", compare="side"))
    made = probe(tmp_path / "out.mp4").video
    assert (made.width, made.sample_aspect_ratio) == (2 * WIDTH, Fraction(4, 3))


def test_an_odd_width_is_made_even_before_it_is_doubled(style: Path, tmp_path: Path) -> None:
    source = make_clip(tmp_path / "clip.mp4", times=(0, 24), cut=None, sound=False)
    run(job(source, style, tmp_path / "out.mp4", compare="side", size=(51, 41)))
    assert (probe(tmp_path / "out.mp4").video.width, probe(tmp_path / "out.mp4").video.height) == (100, 40)


def test_ten_bits_of_the_source_are_shown(style: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "deep.mkv", tmp_path / "out.mkv"
    ramp = np.tile(np.linspace(0.2, 0.3, WIDTH, dtype=np.float32)[None, :, None], (HEIGHT, 1, 3))
    with VideoWriter(source, SHAPE, Encoding("ffv1", pix_fmt="gbrp16le")) as writer:
        writer.add(Frame(ramp))
        writer.add(Frame(ramp, 1))
    run(job(source, style, output, encoding=LOSSLESS, compare="side"))
    shown = next(read(output)).pixels
    assert shown.dtype == np.float32
    assert np.abs(shown[:, :WIDTH] - ramp).max() < 2 / 65535


def test_transparency_goes_along(style: Path, tmp_path: Path) -> None:
    source, keep = tmp_path / "clear.mkv", Reading(alpha=True)
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    alpha[: HEIGHT // 2] = 200
    with VideoWriter(source, SHAPE, Encoding("ffv1", pix_fmt="bgra")) as writer:
        writer.add(Frame(scene(0), alpha=alpha))
        writer.add(Frame(scene(1), 1, alpha=alpha))
    for compare in ("side", "split"):
        run(job(source, style, tmp_path / f"{compare}.mkv", encoding=LOSSLESS, compare=compare))
    side = next(read(tmp_path / "side.mkv", reading=keep)).alpha
    assert np.array_equal(side, np.concatenate([alpha, alpha], axis=1))
    split = next(read(tmp_path / "split.mkv", reading=keep)).alpha
    assert (split[:, WIDTH // 2 - 2 : WIDTH // 2 + 2] == 255).all()
    assert np.array_equal(split[:, : WIDTH // 2 - 2], alpha[:, : WIDTH // 2 - 2])


def test_the_line_is_no_brighter_than_paper_in_hdr() -> None:
    dark = Frame(np.zeros((HEIGHT, WIDTH, 3), np.float32))
    shape = replace(SHAPE, colors=Colors(transfer=16))
    line = compared(dark, dark, shape, "split").pixels.max()
    assert line == pytest.approx(0.58)  # 203 candela a square metre, by BT.2408


def test_bytes_and_floats_meet_as_floats() -> None:
    source, painted = Frame(scene(0)), Frame(np.full((HEIGHT, WIDTH, 3), 0.5, np.float32))
    assert np.allclose(beside(source, painted).pixels[:, :WIDTH], source.floats())
    assert np.allclose(divided(source, painted, 0.0).pixels[:, 2:], 0.5)


def test_a_still_is_compared_too_but_nothing_moves_in_it(style: Path, tmp_path: Path) -> None:
    photo = make_picture(tmp_path / "photo.png")
    run(job(photo, style, tmp_path / "out.png", compare="side"))
    made = next(read(tmp_path / "out.png")).pixels
    assert made.shape == (40, 100, 3)
    assert np.array_equal(made[:, :50], scene(0, (40, 50))[..., ::-1])  # cv2 wrote it as BGR
    with pytest.raises(SettingsError, match="compare: moves"):
        run(job(photo, style, tmp_path / "wipe.png", compare="wipe"))


def test_no_other_word_is_taken(clip: Path, style: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="compare: cannot be 'above'"):
        job(clip, style, tmp_path / "out.mp4", compare="above")


def test_times_stay_those_of_the_source(clip: Path, style: Path, tmp_path: Path) -> None:
    run(job(clip, style, tmp_path / "out.mp4", compare="split"))
    begin = probe(clip).start
    assert times_of(tmp_path / "out.mp4") == [frame.seconds - begin for frame in read(clip)]
