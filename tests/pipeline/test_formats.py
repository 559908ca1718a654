"""The whole path at strength 0 is an identity, in every format: pictures, times, sound."""

from __future__ import annotations

import re
from contextlib import closing
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from clips import make_clip, make_picture, sound_of
from identity import EVEN, STILL, both, furthest, identity, mean_difference, same, same_times

import av  # isort: skip  (after cv2)

from vidstyle.errors import OutputError, SettingsError
from vidstyle.media import (
    DecoderChoice,
    Encoding,
    decoder_for,
    encoders,
    probe,
    read,
    write_picture,
)
from vidstyle.pipeline import Job, Notice, Started, StyleFile, render
from vidstyle.pipeline.painter import painter_for


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 frames at a constant rate, with sound."""
    return make_clip(tmp_path_factory.mktemp("even") / "even.mp4", times=EVEN, cut=5)


def test_strength_0_gives_the_source_back_bit_for_bit(clip: Path, style: Path, tmp_path: Path) -> None:
    assert identity(clip, style, tmp_path / "out.mkv", painter_for, encoding=Encoding("ffv1")) == []
    pairs = both(clip, tmp_path / "out.mkv")
    assert len(pairs) == 40
    assert furthest(pairs) == 0
    assert same_times(pairs, Fraction(1, 1000))
    assert [content for _, content in sound_of(tmp_path / "out.mkv")] == [c for _, c in sound_of(clip)]


def test_strength_0_with_the_default_codec_is_near_lossless(clip: Path, style: Path, tmp_path: Path) -> None:
    identity(clip, style, tmp_path / "out.mp4", painter_for, encoding=Encoding(crf=1))
    pairs = both(clip, tmp_path / "out.mp4")
    assert same_times(pairs)
    # Chroma of 4:2:0 is filtered on the way to RGB and on the way back.
    assert mean_difference(pairs) * 255 < 3


@pytest.mark.parametrize(
    ("name", "codec", "sound", "exact"),
    [
        ("out.avi", "h264", "pcm_s16le", False),
        ("out.ts", "h264", "aac", False),
        ("out.mov", "h264", "aac", False),
        ("out.webm", "vp9", "opus", False),
        ("out.gif", "gif", None, False),
        ("out.y4m", "rawvideo", None, False),
        ("out_%03d.png", "png", None, True),
    ],
)
def test_every_container_takes_every_frame_at_its_time(
    even: Path, style: Path, tmp_path: Path, name: str, codec: str, sound: str | None, exact: bool
) -> None:
    output = tmp_path / name
    told = identity(even, style, output)
    pairs = both(even, output)
    assert probe(output).video.codec == codec
    assert [stream.codec for stream in probe(output).audio] == ([sound] if sound else [])
    assert same_times(pairs, Fraction(1, 1000))
    assert furthest(pairs) == 0 if exact else mean_difference(pairs) * 255 < 12
    assert any("left out" in text for text in told) is (sound is None)
    assert any("converted" in text for text in told) is (sound in ("pcm_s16le", "opus"))


def test_what_is_left_out_or_converted_is_told_before_the_first_frame(
    even: Path, style: Path, tmp_path: Path
) -> None:
    for name, word in (("out.gif", "left out"), ("out.webm", "converted to opus")):
        job = Job(even, (StyleFile(style),), tmp_path / name, settings=STILL)
        with closing(render(job, make_painter=same)) as events:
            before = list(takewhile(lambda event: not isinstance(event, Started), events))
        assert any(isinstance(event, Notice) and word in event.text for event in before)


def test_a_stopped_render_to_pictures_goes_on_and_leaves_nothing(
    even: Path, style: Path, tmp_path: Path
) -> None:
    job = Job(even, (StyleFile(style),), tmp_path / "a_%02d.png", settings=STILL, segment_frames=3)
    for number, _ in enumerate(stopped := render(job, make_painter=same)):
        if number == 9:
            stopped.close()
            break
    assert not list(tmp_path.glob("a_*"))
    list(render(job, make_painter=same))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a_{n:02}.png" for n in range(1, 13)]
    assert furthest(both(even, job.output)) == 0
    with pytest.raises(OutputError, match="exists already"):
        list(render(job, make_painter=same))


def test_a_varying_rate_is_refused_where_it_cannot_be_held(clip: Path, style: Path, tmp_path: Path) -> None:
    for name in ("out.avi", "out.y4m"):
        with pytest.raises(OutputError, match=r"one frame rate alone, and that of clip\.mp4 varies"):
            identity(clip, style, tmp_path / name)
    quick = make_clip(tmp_path / "quick.mp4", times=tuple(range(0, 60, 6)), cut=None, sound=False)
    with pytest.raises(OutputError, match="at most 50 frames a second"):
        identity(quick, style, tmp_path / "out.gif")


@pytest.mark.parametrize("codec", ["h264_nvenc", "hevc_nvenc", "av1_nvenc", "h264_videotoolbox"])
def test_an_encoder_without_its_hardware_gives_way_to_software(
    style: Path, tmp_path: Path, codec: str
) -> None:
    """Where the hardware is there, it is used, and nothing is told."""
    plain = codec.split("_")[0]
    wide = make_clip(tmp_path / "wide.mp4", times=EVEN[:4], cut=None, size=(144, 256))  # the least of cards
    told = identity(wide, style, tmp_path / "out.mp4", encoding=Encoding(codec))
    gave_way = any(re.search(f"{codec} does not open.*{plain} is used", text) for text in told)
    assert gave_way is not encoders()[codec]
    assert probe(tmp_path / "out.mp4").video.codec == plain


@pytest.mark.parametrize("asked", ["cuda", "videotoolbox", "auto"])
def test_whoever_decodes_the_pictures_are_the_same(
    even: Path, style: Path, tmp_path: Path, asked: DecoderChoice
) -> None:
    """Where the device opens, it is tried; where it does not, software decodes, which is told."""
    used, _ = decoder_for(even, asked)
    told = identity(even, style, tmp_path / "out.mkv", encoding=Encoding("ffv1"), decoder=asked)
    assert any("software does" in text for text in told) is (used == "software")
    assert furthest(both(even, tmp_path / "out.mkv")) == 0


def test_pictures_are_decoded_by_software_which_is_told(style: Path, tmp_path: Path) -> None:
    told = identity(style, style, tmp_path / "out.png", decoder="auto")
    assert any("decoded by software" in text for text in told)
    with pytest.raises(SettingsError, match="decoder: cannot be 'magic'"):
        identity(style, style, tmp_path / "more.png", decoder="magic")


def pictures(folder: Path, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        write_picture(folder / name, np.full((48, 64, 3), 20 + 30 * number, np.uint8))
    return folder


@pytest.mark.parametrize("given", ["shot_%d.png", "shot_*.png", "."])
def test_numbered_pictures_are_a_video_in_the_order_of_their_numbers(
    style: Path, tmp_path: Path, given: str
) -> None:
    folder = pictures(tmp_path / "shot", ["shot_9.png", "shot_10.png", "shot_11.png", "shot_13.png"])
    told = identity(folder / given, style, tmp_path / "out.mkv", rate=Fraction(24), encoding=Encoding("ffv1"))
    frames = list(read(tmp_path / "out.mkv"))
    assert [int(frame.pixels.mean()) for frame in frames] == [20, 50, 80, 110]
    assert [round(float(frame.seconds), 3) for frame in frames] == [0, 0.042, 0.083, 0.125]
    assert any("1 numbers are missing" in text for text in told)


def test_numbered_pictures_take_no_place_of_an_input_or_of_others(
    even: Path, style: Path, tmp_path: Path
) -> None:
    shot = pictures(tmp_path / "shot", [f"f_{number:03d}.png" for number in range(7, 10)])
    before = {path: path.read_bytes() for path in shot.iterdir()}
    for source in (shot, shot / "f_%03d.png", shot / "f_*.png"):
        with pytest.raises(OutputError, match="is the source itself"):
            identity(source, style, shot / "f_%03d.png", overwrite=True)
    with pytest.raises(OutputError, match="is one of the styles"):
        identity(even, shot / "f_008.png", shot / "f_%03d.png", overwrite=True)
    with pytest.raises(OutputError, match="exists already"):
        identity(even, style, shot / "f_%03d.png")
    assert {path: path.read_bytes() for path in shot.iterdir()} == before


def test_a_name_in_brackets_is_no_glob(even: Path, style: Path, tmp_path: Path) -> None:
    source = tmp_path / "take 1.mp4"
    source.write_bytes(even.read_bytes())
    identity(source, style, tmp_path / "take [1].mp4")
    assert (tmp_path / "take [1].mp4").is_file()


def test_a_rate_is_for_numbered_pictures_alone(even: Path, style: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rate: is for numbered pictures"):
        identity(even, style, tmp_path / "out.mp4", rate=Fraction(24))


def test_sixteen_bits_of_pictures_stay_sixteen(style: Path, tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], (48, 64, 3))
    for number in range(2):
        write_picture(tmp_path / f"in_{number}.png", np.ascontiguousarray(ramp), deep=True)
    identity(tmp_path / "in_%d.png", style, tmp_path / "out_%d.png")
    for before, after in both(tmp_path / "in_%d.png", tmp_path / "out_%d.png"):
        assert after.pixels.dtype == np.float32
        assert np.abs(before.pixels - after.pixels).max() * 65535 <= 1


def test_an_interlaced_film_is_made_whole_and_resumes_exactly(style: Path, tmp_path: Path) -> None:
    source = interlaced(tmp_path / "in.mp4")
    told = identity(source, style, tmp_path / "out.mkv", encoding=Encoding("ffv1"))
    assert any("interlaced" in text for text in told)
    whole = list(read(source))
    for frame in whole[1:-1]:
        rows = frame.pixels[16:48, :, 1].astype(int)
        assert np.abs(np.diff(rows, axis=0)).max() < 60  # no comb
    for first in (3, 6):
        part = list(read(source, start=whole[first].seconds))
        for a, b in zip(whole[first:], part, strict=True):
            np.testing.assert_array_equal(a.pixels, b.pixels)
    assert furthest(both(source, tmp_path / "out.mkv")) == 0


def interlaced(path: Path) -> Path:
    """A white bar that moves by four pixels a field, top field first."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "4", "x264-params": "tff=1:keyint=4"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for index in range(10):
            pixels = np.zeros((64, 96, 3), np.uint8)
            pixels[0::2, 8 * index : 8 * index + 16] = 255
            pixels[1::2, 8 * index + 4 : 8 * index + 20] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base, frame.pict_type = index, Fraction(1, 25), 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("encoding", "said"),
    [(Encoding("hevc"), "pictures cannot hold hevc"), (Encoding(crf=3), "mean nothing for pictures")],
)
@pytest.mark.parametrize("output", ["out.png", "out_%d.png"])
def test_pictures_take_no_options_of_videos(
    even: Path, style: Path, tmp_path: Path, output: str, encoding: Encoding, said: str
) -> None:
    source = even if "%" in output else style
    with pytest.raises((SettingsError, OutputError), match=said):
        identity(source, style, tmp_path / output, encoding=encoding)


def test_a_style_is_no_sequence(even: Path, tmp_path: Path) -> None:
    make_picture(tmp_path / "style.png")
    with pytest.raises(Exception, match="is a folder"):
        identity(even, tmp_path, tmp_path / "out.mp4")
