"""All that hangs on a film goes along: covers, fonts, subtitles, roles; and its times, of any kind."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

import av  # isort: skip
from av.stream import Disposition  # isort: skip

from vidstyle.media import Encoding, VideoShape, VideoWriter, assemble, plan_streams, probe, read

FAST = Encoding(crf=10, preset="ultrafast")
JPEG = cv2.imencode(".jpg", np.full((32, 32, 3), 200, np.uint8))[1].tobytes()
WORDS = "1\n00:00:00,100 --> 00:00:00,400\nHello <i>you</i>\n\n2\n00:00:00,500 --> 00:00:00,900\nTwo\nlines\n"
FLASH = 5


def flash(index: int) -> np.ndarray:
    return np.full((48, 64, 3), 250 if index == FLASH else 10 + 8 * (index % 12), np.uint8)


def render(source: Path, output: Path, encoding: Encoding = FAST, **stretch) -> list:
    """The picture of `source` through two segments, with all the rest."""
    info = probe(source).video
    frames = list(read(source, **stretch))
    shape = VideoShape(info.width, info.height, info.time_base, info.rate, colors=info.colors)
    paths = []
    for number, (first, last) in enumerate(pairwise([0, 4, len(frames)])):
        paths.append(output.parent / f"segment{number}.mp4")
        with VideoWriter(paths[-1], shape, encoding) as writer:
            for frame in frames[first:last]:
                writer.add(frame)
    assemble(paths, output, source=source, **stretch)
    return frames


@pytest.fixture
def full(tmp_path: Path, make_video) -> Path:
    """Matroska with two sounds, subtitles, a cover and a font; French is the default sound."""
    sounds = {"sounds": ["aac", "aac"], "languages": ["eng", "fra"]}
    plain, words = make_video("plain.mkv", pts=range(25), **sounds), tmp_path / "words.srt"
    words.write_text(WORDS)
    path = tmp_path / "full.mkv"
    with av.open(str(plain)) as film, av.open(str(words)) as text, av.open(str(path), "w") as out:
        copies = {stream: out.add_stream_from_template(stream) for stream in (*film.streams, text.streams[0])}
        for stream, copy in copies.items():
            copy.metadata.update(stream.metadata)
        sound, other = out.streams.audio
        sound.disposition, other.disposition = Disposition(0), Disposition.default | Disposition.dub
        out.streams.subtitles[0].metadata["language"] = "deu"
        out.streams.subtitles[0].disposition = Disposition.forced
        out.add_attachment("type.ttf", "application/x-truetype-font", b"a font")
        out.add_attachment("cover.jpg", "image/jpeg", JPEG)
        for container in (film, text):
            for packet in container.demux():
                if packet.size:
                    packet.stream = copies[packet.stream]
                    out.mux(packet)
    return path


def cover_of(path: Path) -> bytes | None:
    with av.open(str(path)) as container:
        covers = [s for s in container.streams.video if s.disposition & Disposition.attached_pic]
        return next((bytes(p) for p in container.demux(covers[0]) if p.size), None) if covers else None


def words_of(path: Path) -> list[tuple[float, float, str]]:
    """(from, to, text) of all subtitles, as a player would show them."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        shown = []
        for packet in container.demux(stream):
            for subtitle in packet.decode() if packet.size else ():
                begins = float(packet.pts * packet.time_base)
                ends = begins + float(packet.duration * packet.time_base)
                text = re.sub(r"{.*?}", "", subtitle.dialogue.decode()).replace(r"\N", "\n")
                shown.append((round(begins, 3), round(ends, 3), text))
        return shown


@pytest.mark.parametrize(
    ("name", "codec"),
    [("out.mkv", "subrip"), ("out.mp4", "mov_text"), ("out.mov", "mov_text"), ("out.webm", "webvtt")],
)
def test_sounds_subtitles_cover_and_fonts_go_along(full: Path, tmp_path: Path, name: str, codec: str) -> None:
    plans = plan_streams(full, name)
    render(full, tmp_path / name, Encoding("vp9", preset="8") if name.endswith("webm") else FAST)
    info = probe(tmp_path / name)
    assert [sound.language for sound in info.audio] == ["eng", "fra"]
    assert (cover_of(tmp_path / name) == JPEG) is (name in ("out.mkv", "out.mp4"))
    assert any(stream.kind == "attachment" for stream in info.others) is (name == "out.mkv")
    with av.open(str(tmp_path / name)) as made:
        first, second = made.streams.audio
        assert not first.disposition & Disposition.default
        assert second.disposition & Disposition.default
        (text,) = made.streams.subtitles
        assert text.language == ("ger" if name == "out.mov" else "deu")  # two names of one language
        assert bool(text.disposition & Disposition.forced) is (name != "out.mov")  # no place for it
        assert text.codec_context.codec.canonical_name in (codec, {"subrip": "srt"}.get(codec))
        fonts = [s.data for s in made.streams if s.type == "attachment"]
    assert fonts == ([b"a font"] if name == "out.mkv" else [])
    assert words_of(tmp_path / name) == words_of(full)
    told = [plan.action for plan in plans]
    assert (
        told
        == {
            "out.mkv": ["copy"] * 5,
            "out.mp4": ["copy", "copy", "convert", "drop", "copy"],
            "out.mov": ["copy", "copy", "convert", "drop", "drop"],
            "out.webm": ["convert", "convert", "convert", "drop", "drop"],
        }[name]
    )


def test_subtitles_come_back_from_mp4_and_are_cut_with_the_picture(full: Path, tmp_path: Path) -> None:
    render(full, tmp_path / "one.mp4")
    render(tmp_path / "one.mp4", tmp_path / "two.mkv")
    assert [text for _, _, text in words_of(tmp_path / "two.mkv")] == ["Hello you", "Two\nlines"]
    render(full, tmp_path / "part.mp4", start=Fraction(1, 5), duration=Fraction(1, 2))
    render(tmp_path / "one.mp4", tmp_path / "again.mp4", start=Fraction(1, 5), duration=Fraction(1, 2))
    render(full, tmp_path / "part.mkv", start=Fraction(1, 5), duration=Fraction(1, 2))
    for name in ("part.mp4", "again.mp4", "part.mkv"):
        assert words_of(tmp_path / name) == [(0.0, 0.2, "Hello you"), (0.3, 0.5, "Two\nlines")]
        assert probe(tmp_path / name).duration < Fraction(3, 5)


def test_an_edit_list_is_obeyed_by_picture_and_sound(make_video, tmp_path: Path, tools) -> None:
    """The first three frames and 0.12 s of sound of this file are not part of the film."""
    source = make_video(sounds=["aac"], pts=range(-3, 17), sound_start=-0.12, sound_length=0.8, picture=flash)
    frames = list(read(source))
    assert (frames[0].seconds, len(frames)) == (0, 17)
    render(source, tmp_path / "out.mp4")
    back = list(read(tmp_path / "out.mp4"))
    assert [frame.seconds for frame in back] == [frame.seconds for frame in frames]
    assert in_step(source, tools) == pytest.approx(in_step(tmp_path / "out.mp4", tools), abs=0.001)


def test_a_constant_rate_of_29_97_keeps_every_time_and_the_duration(
    make_video, tmp_path: Path, tools
) -> None:
    base = Fraction(1001, 30000)
    source = make_video(pts=range(20), time_base=base, rate=30, sounds=["aac"], picture=flash)
    render(source, tmp_path / "out.mp4")
    assert [frame.seconds for frame in read(tmp_path / "out.mp4")] == [index * base for index in range(20)]
    assert probe(tmp_path / "out.mp4").duration == 20 * base
    assert in_step(source, tools) == pytest.approx(in_step(tmp_path / "out.mp4", tools), abs=0.001)


@pytest.mark.parametrize("source_name", ["clip.avi", "raw.h264"])
def test_missing_times_become_those_of_the_rate(make_video, tmp_path: Path, source_name: str) -> None:
    source = make_video(source_name, pts=range(14), options={"bf": "0", "preset": "ultrafast"}, picture=flash)
    render(source, tmp_path / "out.mp4")
    back = list(read(tmp_path / "out.mp4"))
    assert [frame.seconds for frame in back] == [Fraction(index, 25) for index in range(14)]
    assert [i for i, frame in enumerate(back) if frame.pixels.mean() > 200] == [FLASH]


def in_step(path: Path, tools) -> float:
    """Seconds by which the sound's click follows the picture's flash."""
    seen = next(frame.seconds for frame in read(path) if frame.pixels.mean() > 200)
    return tools.click_time(path) - float(seen)
