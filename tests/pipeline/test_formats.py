"""The whole path at strength 0 is an identity, in every format: pictures, times, sound."""

from __future__ import annotations

import re
from contextlib import closing
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from blending import SEGMENT_FRAMES
from clips import make_clip, make_picture, scene, sound_of

import av  # isort: skip  (after cv2)

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media import (
    Colors,
    DecoderChoice,
    Encoding,
    Reading,
    VideoShape,
    VideoWriter,
    decoder_for,
    encoders,
    probe,
    read,
    write_picture,
)
from vidstyle.pipeline import Job, Notice, Painter, Started, StyleFile, render
from vidstyle.pipeline.painter import painter_for
from vidstyle.settings import Settings


class Same:
    """Gives each frame back, as the painters do at strength 0."""

    def start(self, frame: Frame) -> Frame:
        return frame

    def next(self, frame: Frame, motion: object) -> Frame:
        return frame

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, state: object) -> None:
        pass


def same(*_: object) -> Painter:
    return Painter(Same(), "w" * 64)


STILL = Settings.preset(
    "draft", strength=0.0, device="cpu", precision="float32", flow="ultrafast", mending=False
)
EVEN = tuple(24 * number for number in range(12))  # ticks of 1/600 s: 25 a second


def identity(source: Path, style: Path, output: Path, make_painter=same, **changes: object) -> list[str]:
    """Render at strength 0; what the user is told."""
    settings = {"settings": STILL, "segment_frames": SEGMENT_FRAMES, **changes}
    job = Job(source, (StyleFile(style),), output, **settings)
    events = list(render(job, make_painter=make_painter))
    return [event.text for event in events if isinstance(event, Notice)]


def both(source: Path, output: Path) -> list[tuple[Frame, Frame]]:
    keep = Reading(alpha=True)
    return list(zip(read(source, reading=keep), read(output, reading=keep), strict=True))


def furthest(pairs: list[tuple[Frame, Frame]]) -> float:
    return max(float(np.abs(a.floats() - b.floats()).max()) for a, b in pairs)


def mean_difference(pairs: list[tuple[Frame, Frame]]) -> float:
    return max(float(np.abs(a.floats() - b.floats()).mean()) for a, b in pairs)


def same_times(pairs: list[tuple[Frame, Frame]], within: Fraction = Fraction(0)) -> bool:
    a0, b0 = pairs[0]
    return all(abs((a.seconds - a0.seconds) - (b.seconds - b0.seconds)) <= within for a, b in pairs)


def film(path: Path, pixels: list[Frame], encoding: Encoding, colors: Colors | None = None) -> Path:
    height, width = pixels[0].pixels.shape[:2]
    with VideoWriter(path, VideoShape(width, height, colors=colors or Colors()), encoding) as writer:
        for frame in pixels:
            writer.add(frame)
    return path


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


def shaded(index: int, *, deep: bool = False) -> Frame:
    """A picture that is clear on the left and opaque on the right."""
    pixels = scene(index)
    alpha = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))
    if deep:
        return Frame(pixels.astype(np.float32) / 255, index, index=index, alpha=alpha)
    return Frame(pixels, index, index=index, alpha=(alpha * 255 + 0.5).astype(np.uint8))


@pytest.mark.parametrize(
    ("source", "encoding", "output", "close"),
    [
        ("in.mkv", Encoding("ffv1", pix_fmt="bgra"), "out.webm", 2.5),
        ("in.mkv", Encoding("ffv1", pix_fmt="bgra"), "out_%d.png", 0),
        ("in.mkv", Encoding("ffv1", pix_fmt="bgra"), "ffv1.mkv", 0),
        ("in.mov", Encoding("prores", pix_fmt="yuva444p10le", preset="4444"), "prores.mov", 1),
    ],
)
def test_transparency_is_kept(
    style: Path, tmp_path: Path, source: str, encoding: Encoding, output: str, close: float
) -> None:
    deep = encoding.codec == "prores"
    clip = film(tmp_path / source, [shaded(i, deep=deep) for i in range(4)], encoding)
    codec = output.split(".")[0] if output.startswith(("ffv1", "prores")) else "auto"
    assert not any(
        "transparency" in t for t in identity(clip, style, tmp_path / output, encoding=Encoding(codec))
    )
    for before, after in both(clip, tmp_path / output):
        assert before.alpha is not None
        assert after.alpha is not None
        assert np.abs(Frame(before.alpha).floats() - Frame(after.alpha).floats()).max() * 255 <= close


def test_vp9_and_gif_with_transparency_are_read_with_it(style: Path, tmp_path: Path) -> None:
    clip = film(tmp_path / "in.mkv", [shaded(i) for i in range(4)], Encoding("ffv1", pix_fmt="bgra"))
    identity(clip, style, tmp_path / "one.webm")
    identity(tmp_path / "one.webm", style, tmp_path / "two.webm")
    for before, after in both(tmp_path / "one.webm", tmp_path / "two.webm"):
        assert np.abs(before.alpha.astype(int) - after.alpha).max() <= 2
    identity(tmp_path / "one.webm", style, tmp_path / "out.gif")
    for _, after in both(clip, tmp_path / "out.gif"):
        assert set(np.unique(after.alpha)) == {0, 255}
        assert after.alpha[:, :24].max() == 0
        assert after.alpha[:, 40:].min() == 255


def test_transparency_that_does_not_fit_is_laid_over_white_and_told(style: Path, tmp_path: Path) -> None:
    clip = film(tmp_path / "in.mkv", [shaded(i) for i in range(4)], Encoding("ffv1", pix_fmt="bgra"))
    told = identity(clip, style, tmp_path / "out.mp4", encoding=Encoding(crf=1))
    assert any("laid over white" in text for text in told)
    assert next(read(tmp_path / "out.mp4")).pixels[:, :2].min() >= 240


def test_a_transparent_picture_stays_so(style: Path, tmp_path: Path) -> None:
    frame = shaded(0)
    write_picture(tmp_path / "in.png", frame.pixels, alpha=frame.alpha)
    identity(tmp_path / "in.png", style, tmp_path / "out.png")
    ((_, after),) = both(tmp_path / "in.png", tmp_path / "out.png")
    np.testing.assert_array_equal(after.alpha, frame.alpha)
    np.testing.assert_array_equal(after.pixels, frame.pixels)


def chart(levels: int) -> list[Frame]:
    """Flat patches; of 8 bits those that people draw, since rounding alone can take 2 of 255 from others."""
    drawn = [(200, 40, 90), (40, 200, 90), (30, 60, 220), (255, 255, 255), (0, 0, 0), (128, 128, 128)]
    drawn += [(250, 240, 20), (20, 240, 250), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)]
    patches = np.array(drawn * 2) / 255
    if levels > 255:
        patches[12:] = np.random.default_rng(7).random((12, 3))
    pixels = (np.round(patches * levels) / levels).reshape(4, 6, 3).repeat(24, 0).repeat(24, 1)
    return [Frame(pixels.astype(np.float32), index, index=index) for index in range(3)]


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "matrix", [pytest.param("bt601", marks=SLOW), "bt709", pytest.param("bt2020", marks=SLOW)]
)
@pytest.mark.parametrize("color_range", ["limited", "full"])
@pytest.mark.parametrize("bits", [8, 10])
def test_a_colour_chart_comes_back_through_the_whole_path(
    style: Path, tmp_path: Path, matrix: str, color_range: str, bits: int
) -> None:
    primaries = {"bt601": 6, "bt709": 1, "bt2020": 9}[matrix]
    transfer = {"bt601": 6, "bt709": 1, "bt2020": 14}[matrix]
    colors = Colors(range=color_range, matrix=matrix, primaries=primaries, transfer=transfer)
    levels = 2**bits - 1
    pix_fmt = "yuv420p" if bits == 8 else "yuv420p10le"
    lossless = {} if bits == 8 else {"x265-params": "lossless=1"}  # of x264, crf 0 is
    codec = "h264" if bits == 8 else "hevc"
    source = film(
        tmp_path / "in.mp4",
        chart(levels),
        Encoding(codec, 0, "ultrafast", pix_fmt, lossless),
        colors,
    )
    encoding = Encoding(codec, 0, "ultrafast", options=lossless)
    identity(source, style, tmp_path / "out.mp4", encoding=encoding)
    made = probe(tmp_path / "out.mp4").video
    assert (made.colors, made.bit_depth) == (colors, bits)
    allowed = 1 if bits == 8 else 2
    middles = (slice(11, None, 24), slice(11, None, 24))  # where no neighbour's chroma reaches
    for (before, after), drawn in zip(both(source, tmp_path / "out.mp4"), chart(levels), strict=True):
        moved = np.abs(before.floats()[middles] - after.floats()[middles]).max() * levels
        assert moved <= allowed + 1e-3
        # What was drawn is what is seen.
        seen = np.abs(drawn.floats()[middles] - after.floats()[middles]).max() * levels
        assert seen <= allowed + 1e-3


HDR10 = (
    "hdr10=1:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
)


@pytest.fixture(scope="module")
def hdr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PQ, BT.2020, 10 bits: black, white paper (203 nits) and ten times that, side by side."""
    # SMPTE ST 2084 of 0, 203 and 2030 nits.
    steps = np.array([0, 0.5807, 0.8295], np.float32).repeat(32)
    pixels = np.broadcast_to(steps[None, :, None], (64, 96, 3)).copy()
    frames = [Frame(pixels, index, index=index) for index in range(3)]
    encoding = Encoding(
        "hevc", preset="ultrafast", crf=1, pix_fmt="yuv420p10le", options={"x265-params": HDR10}
    )
    path = tmp_path_factory.mktemp("hdr") / "hdr.mp4"
    return film(path, frames, encoding, Colors(matrix="bt2020", primaries=9, transfer=16))


@pytest.mark.parametrize("codec", ["hevc", "av1", "h264"])
def test_hdr10_keeps_its_bits_tags_and_light_levels(
    hdr: Path, style: Path, tmp_path: Path, codec: str
) -> None:
    presets = {"hevc": "ultrafast", "h264": "ultrafast", "av1": "12"}
    told = identity(hdr, style, tmp_path / "out.mp4", encoding=Encoding(codec, crf=4, preset=presets[codec]))
    before, after = probe(hdr).video, probe(tmp_path / "out.mp4").video
    assert after.bit_depth == 10
    assert after.colors == before.colors
    assert before.mastering is not None
    assert after.mastering is not None
    assert after.mastering.content == (1000, 400)
    assert [float(nits) for nits in after.mastering.luminance] == pytest.approx([0.005, 1000], abs=1e-3)
    assert [float(x) for x in after.mastering.red] == pytest.approx([0.68, 0.32], abs=1e-4)
    assert any("--hdr tonemap" in text for text in told)


def test_hdr_can_be_mapped_to_a_plain_video(hdr: Path, style: Path, tmp_path: Path) -> None:
    told = identity(hdr, style, tmp_path / "out.mp4", hdr="tonemap", encoding=Encoding(crf=1))
    made = probe(tmp_path / "out.mp4").video
    assert (made.colors, made.bit_depth, made.mastering) == (Colors(), 8, None)
    assert not any("HDR" in text for text in told)
    black, paper, bright = (float(next(read(tmp_path / "out.mp4")).pixels[32, x].mean()) for x in (8, 48, 88))
    assert black <= 1
    # (1 + 1 / p^2) / 2 of linear light, p = 1000 / 203, by gamma 2.4; beyond the peak all is white.
    assert paper == pytest.approx(255 * ((1 + (203 / 1000) ** 2) / 2) ** (1 / 2.4), abs=3)
    assert bright >= 254


def test_ten_bits_that_do_not_fit_are_told(hdr: Path, style: Path, tmp_path: Path) -> None:
    told = identity(hdr, style, tmp_path / "out.webm", encoding=Encoding("vp9", preset="8"))
    assert any("10 bits are rounded to 8" in text for text in told)
    assert any("light levels" in text for text in told)


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


def test_a_style_is_no_sequence(even: Path, tmp_path: Path) -> None:
    make_picture(tmp_path / "style.png")
    with pytest.raises(Exception, match="is a folder"):
        identity(even, tmp_path, tmp_path / "out.mp4")
