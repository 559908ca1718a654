"""What the picture is shown by goes through: the right way up, its proportions, its tags, odd sizes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import make_clip, scene
from corners import quadrants
from identity import EVEN, both, film, furthest, identity, mean_difference, same_times

import av  # isort: skip  (after cv2)

from vidstyle.frames import Frame
from vidstyle.media import Colors, Encoding, probe, read

CONTAINERS = ["mp4", "mov", "mkv", "webm", "ts", "avi"]


def quick(name: str) -> Encoding:
    return Encoding(preset="8" if name.endswith("webm") else "ultrafast", crf=4)


def clip_of(
    path: Path, display: tuple[float, bool, bool] | None = None, ratio: Fraction = Fraction(1)
) -> Path:
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"crf": "4", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.sample_aspect_ratio = ratio
        if display:
            video.set_display_rotation(display[0], hflip=display[1], vflip=display[2])
        for index in range(4):
            frame = av.VideoFrame.from_ndarray(quadrants())
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def matrices(path: Path) -> list[int]:
    """Degrees by which a player turns each frame."""
    with av.open(str(path)) as container:
        return [frame.rotation for frame in container.decode(video=0)]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_or_mirrored_clip_comes_out_upright_and_is_turned_no_more(
    style: Path, tmp_path: Path, degrees: int, mirrored: bool
) -> None:
    source = clip_of(tmp_path / "in.mp4", (degrees, mirrored, False))
    identity(source, style, tmp_path / "out.mp4", encoding=quick("mp4"))
    pairs = both(source, tmp_path / "out.mp4")
    assert pairs[0][1].pixels.shape[:2] == ((48, 64) if degrees in (0, 180) else (64, 48))
    assert mean_difference(pairs) * 255 < 3
    assert matrices(tmp_path / "out.mp4") == [0] * 4


@pytest.mark.parametrize(
    ("name", "codec"),
    [(name, "h264") for name in CONTAINERS if name != "webm"]
    + [("mp4", "vp9"), ("mp4", "av1"), ("mov", "prores"), ("mp4", "ffv1"), ("mkv", "hevc"), ("ts", "hevc")],
)
def test_the_shape_of_pixels_is_carried(style: Path, tmp_path: Path, name: str, codec: str) -> None:
    source = clip_of(tmp_path / "in.mp4", ratio=Fraction(16, 11))
    presets = {"h264": "ultrafast", "hevc": "ultrafast", "vp9": "8", "av1": "12"}
    told = identity(
        source, style, tmp_path / f"out.{name}", encoding=Encoding(codec, preset=presets.get(codec))
    )
    made = probe(tmp_path / f"out.{name}").video
    assert (made.width, made.sample_aspect_ratio) == (64, Fraction(16, 11))
    assert not any("square" in text for text in told)


@pytest.mark.parametrize("name", ["out.webm", "out.gif", "out_%d.png", "out.y4m"])
@pytest.mark.parametrize(("ratio", "size"), [(Fraction(16, 11), (48, 93)), (Fraction(11, 16), (70, 64))])
def test_pixels_become_square_where_their_shape_cannot_be_told(
    style: Path, tmp_path: Path, name: str, ratio: Fraction, size: tuple[int, int]
) -> None:
    source = clip_of(tmp_path / "in.mp4", ratio=ratio)
    encoding = Encoding(preset="8") if name == "out.webm" else Encoding()
    told = identity(source, style, tmp_path / name, encoding=encoding)
    assert any("made square" in text for text in told)
    made = probe(tmp_path / name).video
    assert made.sample_aspect_ratio == 1
    assert abs(made.height - size[0]) <= 1 and abs(made.width - size[1]) <= 1  # some sides must be even


@pytest.mark.parametrize("name", [*CONTAINERS, "y4m"])
def test_colours_mean_the_same_in_every_container(style: Path, tmp_path: Path, name: str) -> None:
    """A small film in BT.709: a container that cannot tell so holds the colours that players see in it."""
    drawn = np.tile(np.array([200, 40, 90], np.uint8), (48, 64, 1))
    frames = [Frame(drawn, index, index=index) for index in range(4)]
    source = film(tmp_path / "in.mp4", frames, Encoding(crf=1), Colors())
    encoding = Encoding() if name == "y4m" else quick(name)
    identity(source, style, tmp_path / f"out.{name}", encoding=encoding)
    made = probe(tmp_path / f"out.{name}").video.colors
    assert made.matrix == ("bt601" if name == "y4m" else "bt709")
    assert furthest(both(source, tmp_path / f"out.{name}")) * 255 <= 2


@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_hevc_goes_by_the_name_that_apple_plays(style: Path, tmp_path: Path, name: str) -> None:
    source = make_clip(tmp_path / "in.mp4", times=EVEN, cut=5, sound=False)
    identity(source, style, tmp_path / f"out.{name}", encoding=Encoding("hevc", preset="ultrafast"))
    with av.open(str(tmp_path / f"out.{name}")) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_odd_sides_lose_one_line_where_colours_are_shared_which_is_told(
    style: Path, tmp_path: Path, name: str
) -> None:
    frames = [Frame(scene(index, (49, 65)), index, index=index) for index in range(4)]
    source = film(tmp_path / "in.mkv", frames, Encoding("ffv1"))
    told = identity(source, style, tmp_path / f"out.{name}", encoding=quick(name))
    assert any("64x48, not 65x49" in text for text in told)
    assert next(read(tmp_path / f"out.{name}")).pixels.shape == (48, 64, 3)
    told = identity(source, style, tmp_path / "out.mkv", encoding=Encoding("ffv1"))
    assert told == []
    assert furthest(both(source, tmp_path / "out.mkv")) == 0


def test_a_film_that_changes_size_is_painted_at_the_first_which_is_counted(
    style: Path, tmp_path: Path
) -> None:
    """Two sizes in one MPEG-TS, as television and browsers' recordings change them."""
    parts = []
    for number, size in enumerate(((48, 64), (96, 80))):
        times = tuple(24 * (index + 20 * number) for index in range(6))
        path = make_clip(tmp_path / f"{number}.ts", times=times, cut=None, size=size, sound=False)
        parts.append(path.read_bytes())
    source = tmp_path / "in.ts"
    source.write_bytes(b"".join(parts))
    told = identity(source, style, tmp_path / "out.mkv", encoding=Encoding("ffv1"))
    assert any("6 frames changed size and were scaled" in text for text in told)
    pairs = both(source, tmp_path / "out.mkv")
    assert len(pairs) == 12
    assert {after.pixels.shape for _, after in pairs} == {(48, 64, 3)}
    assert same_times(pairs, Fraction(1, 1000))
