"""Segments and the source's sound become one file: every frame, every packet, in sync."""

import sys
from array import array
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, islice, pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import InputError, OutputError
from vidstyle.frames import Frame
from vidstyle.media import (
    Encoding,
    VideoShape,
    VideoWriter,
    assemble,
    plan_streams,
    probe,
    read,
    read_metadata,
    segment_suffix,
)
from vidstyle.media.segments import Joined

# The module; `vidstyle.media.assemble` is the function of its name.
assembling = sys.modules["vidstyle.media.assemble"]

FAST = Encoding(crf=10, preset="veryfast")
FLASH = 5  # the frame that shows a flash, at 0.2 s, where the sound clicks


def flash(index: int) -> np.ndarray:
    return np.full((48, 64, 3), 250 if index == FLASH else 10 + 8 * (index % 12), np.uint8)


def render(source, output, cuts=(4, 9), start=None, duration=None, encoding=FAST, **more):
    """Copy the picture of `source` through segments cut at `cuts`; the frames that went in."""
    info = probe(source)
    frames = list(read(source, start=start, duration=duration))
    shape = VideoShape(64, 48, info.video.time_base, info.video.rate, colors=info.video.colors)
    paths = []
    for number, (first, last) in enumerate(pairwise([0, *cuts, len(frames)])):
        path = output.parent / f"segment{number}{segment_suffix(encoding)}"
        with VideoWriter(path, shape, encoding) as writer:
            for frame in frames[first:last]:
                writer.add(frame)
        paths.append(path)
    assemble(paths, output, source=source, start=start, duration=duration, **more)
    return frames


def flash_time(path) -> float:
    return float(next(f.seconds for f in read(path) if f.pixels.mean() > 200))


def sounds(path):
    with av.open(str(path)) as container:
        return [stream.index for stream in container.streams.audio]


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9", "ffv1", "prores"])
def test_every_codec_joins_frame_for_frame(make_video, tmp_path, codec):
    source = make_video(pts=range(14), picture=flash)
    encoding = Encoding(codec)
    output = tmp_path / ("out" + segment_suffix(encoding))
    frames = render(source, output, encoding=encoding)
    back = list(read(output))
    assert [f.seconds for f in back] == [f.seconds for f in frames]
    for before, after in zip(frames, back, strict=True):
        assert abs(float(before.floats().mean() - after.floats().mean())) < 0.02


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv"])
def test_a_variable_rate_keeps_its_times_over_the_joints(make_video, tmp_path, name):
    times = [0, 40, 41, 120, 125, 300, 301, 302, 480, 700, 701, 950]
    source = make_video(pts=times, time_base=Fraction(1, 1000))
    render(source, tmp_path / name, cuts=(3, 5, 10))
    assert [f.seconds * 1000 for f in read(tmp_path / name)] == times


def test_a_gap_behind_a_joint_does_not_upset_the_order_of_decoding(make_video, tmp_path):
    # The encoder's own dts of the second segment begin before those of the first end.
    times = [0, 40, 80, 120, 160, 200, 210, 900, 950, 1000, 1040, 1080]
    source = make_video(pts=times, time_base=Fraction(1, 1000))
    render(source, tmp_path / "out.mp4", cuts=(6,))
    assert [f.seconds * 1000 for f in read(tmp_path / "out.mp4")] == times


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.integers(0, 4))
def test_the_frame_decoded_last_stands_as_long_as_the_one_shown_last(gaps, delay):
    pts = array("q", accumulate(gaps))
    joined = Joined((), Fraction(1, 1000), pts, min(delay, len(pts) - 1), Fraction(25))
    decoded = [joined.decode_time(place) for place in range(len(pts))]
    assert all(before < after for before, after in pairwise(decoded))
    assert all(when <= shown for when, shown in zip(decoded, pts, strict=True))
    assert joined.rest >= joined.length(len(pts) - 1)
    assert decoded[-1] + joined.rest - decoded[0] == pts[-1] + joined.length(len(pts) - 1) - pts[0]


def test_a_frame_lost_on_the_way_is_noticed(make_video, tmp_path, monkeypatch):
    whole = assembling.joined_packets
    monkeypatch.setattr(
        assembling, "joined_packets", lambda *given, **more: islice(whole(*given, **more), 11)
    )
    with pytest.raises(OutputError, match="holds 11 of 12 frames"):
        render(make_video(), tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv"])
def test_all_sound_is_kept_bit_for_bit_with_its_language(make_video, tmp_path, tools, name):
    source = make_video(sounds=["aac", "aac"], languages=["eng", "fra"], picture=flash)
    render(source, tmp_path / name)
    for number in (1, 2):
        before, after = tools.packets(source, number), tools.packets(tmp_path / name, number)
        assert [content for _, content in after] == [content for _, content in before]
        assert all(abs(a - b) <= Fraction(1, 1000) for (a, _), (b, _) in zip(after, before, strict=True))
    assert [stream.language for stream in probe(tmp_path / name).audio] == ["eng", "fra"]
    assert [plan.action for plan in plan_streams(source, name)] == ["copy", "copy"]


@pytest.mark.parametrize("source_name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.mov"])
@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov"])
@pytest.mark.parametrize("start", [None, Fraction(1, 10)])
def test_sound_and_picture_stay_in_step(make_video, tmp_path, tools, source_name, name, start):
    source = make_video(source_name, sounds=["aac"], pts=range(20), sound_length=0.8, picture=flash)
    render(source, tmp_path / name, start=start)
    before = tools.click_time(source) - flash_time(source)
    after = tools.click_time(tmp_path / name) - flash_time(tmp_path / name)
    assert abs(after - before) < 0.001
    assert next(read(tmp_path / name)).seconds == 0


def test_sound_that_leads_the_picture_is_kept(make_video, tmp_path, tools):
    source = make_video(sounds=["aac"], pts=range(10, 22), picture=flash)
    render(source, tmp_path / "out.mp4")
    assert next(read(tmp_path / "out.mp4")).seconds == Fraction(2, 5)
    assert abs(tools.click_time(tmp_path / "out.mp4") - tools.click_time(source)) < 0.0005
    assert len(tools.packets(tmp_path / "out.mp4", 1)) == len(tools.packets(source, 1))


def test_sound_that_starts_late_stays_late(make_video, tmp_path, tools):
    source = make_video(sounds=["aac"], sound_start=0.0777, picture=flash)
    for name in ("out.mp4", "out.mkv"):
        render(source, tmp_path / name)
        assert abs(tools.click_time(tmp_path / name) - tools.click_time(source)) < 0.0011


def test_a_source_that_starts_late_makes_an_output_that_starts_at_zero(make_video, tmp_path, tools):
    source = make_video("clip.mkv", sounds=["libopus"], sound_start=3, pts=range(75, 90), picture=flash)
    assert probe(source).start > 2
    render(source, tmp_path / "out.mp4")
    assert next(read(tmp_path / "out.mp4")).seconds == 0
    assert abs(tools.click_time(tmp_path / "out.mp4") - flash_time(tmp_path / "out.mp4")) < 0.003


def test_sound_is_trimmed_with_the_picture(make_video, tmp_path, tools):
    source = make_video(sounds=["aac"], pts=range(50), sound_length=2.0)
    stretch = {"start": Fraction(1), "duration": Fraction(1, 2)}
    render(source, tmp_path / "out.mp4", **stretch)
    packets = tools.packets(tmp_path / "out.mp4", 1)
    originals = [content for _, content in tools.packets(source, 1)]
    first = originals.index(packets[0][1])
    assert [content for _, content in packets] == originals[first : first + len(packets)]
    frame = Fraction(1024, 48000)
    assert -frame < packets[0][0] <= 0
    assert Fraction(1, 2) - frame <= packets[-1][0] < Fraction(1, 2)
    assert len(list(read(tmp_path / "out.mp4"))) == 12 + 1


@pytest.mark.parametrize(
    ("source_name", "sound", "name", "encoding", "codec"),
    [
        ("clip.mp4", "aac", "out.webm", Encoding("vp9", preset="8"), "opus"),
        ("clip.mkv", "pcm_s16le", "out.webm", Encoding("vp9", preset="8"), "opus"),
        ("clip.mkv", "libopus", "out.mov", FAST, "aac"),
    ],
)
@pytest.mark.parametrize("start", [None, Fraction(1, 10)])
def test_sound_that_does_not_fit_is_converted_in_step(
    make_video, tmp_path, tools, source_name, sound, name, encoding, codec, start
):
    source = make_video(source_name, sounds=[sound], languages=["eng"], pts=range(15), picture=flash)
    (plan,) = plan_streams(source, tmp_path / name)
    assert (plan.action, plan.target) == ("convert", codec)
    assert f"converted to {codec}" in plan.describe()
    render(source, tmp_path / name, encoding=encoding, start=start)
    info = probe(tmp_path / name)
    assert [(s.codec, s.language) for s in info.audio] == [(codec, "eng")]
    before = tools.click_time(source) - flash_time(source)
    # A click spreads a little in each lossy codec.
    assert abs(tools.click_time(tmp_path / name) - flash_time(tmp_path / name) - before) < 0.003


def test_chapters_and_tags_go_along(make_video, tmp_path):
    source = make_video(
        "clip.mkv",
        pts=range(50),
        chapters=[(0, 0.8, "One"), (0.8, 1.4, "Two"), (1.4, 2, "Three")],
        metadata={"title": "A walk", "artist": "Me"},
    )
    for name in ("out.mp4", "out.mov", "out.mkv", "out.webm"):
        encoding = Encoding("vp9", preset="8") if name.endswith("webm") else FAST
        stretch = {"start": Fraction(1), "duration": Fraction(1)}
        render(source, tmp_path / name, encoding=encoding, **stretch, metadata={"comment": "{}"})
        with av.open(str(tmp_path / name)) as container:
            chapters = container.chapters()
        found = [(float(c["start"] * c["time_base"]), c["metadata"]["title"]) for c in chapters]
        assert [(round(a, 2), title) for a, title in found] == [(0.0, "Two"), (0.4, "Three")]
        tags = read_metadata(tmp_path / name)
        assert (tags["title"], tags["artist"], tags["comment"]) == ("A walk", "Me", "{}")


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.webm"])
def test_metadata_comes_back_from_every_container(make_video, tmp_path, name):
    encoding = Encoding("vp9", preset="8") if name.endswith("webm") else FAST
    text = '{"version": 1, "styles": ["Sternennacht – \\u00fc"], "n": "' + "x" * 5000 + '"}'
    render(
        make_video(), tmp_path / name, encoding=encoding, metadata={"comment": text, "vidstyle": "own key"}
    )
    tags = read_metadata(tmp_path / name)
    assert (tags["comment"], tags["vidstyle"]) == (text, "own key")


def test_subtitles_are_copied_where_they_fit(make_video, tmp_path):
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,400\nHello\n")
    plain, source = make_video("plain.mkv"), tmp_path / "source.mkv"
    with av.open(str(plain)) as film, av.open(str(words)) as text, av.open(str(source), "w") as out:
        inputs = [(film, film.streams.video[0]), (text, text.streams.subtitles[0])]
        targets = [out.add_stream_from_template(stream) for _, stream in inputs]
        for (container, stream), target in zip(inputs, targets, strict=True):
            for packet in container.demux(stream):
                if packet.size:
                    packet.stream = target
                    out.mux(packet)
    render(source, tmp_path / "out.mkv")
    assert [s.kind for s in probe(tmp_path / "out.mkv").others] == ["subtitle"]
    (plan,) = plan_streams(source, "out.avi")
    assert (plan.action, plan.kind) == ("drop", "subtitle")
    assert "left out" in plan.describe()


def test_the_same_segments_make_the_same_bytes(make_video, tmp_path):
    source = make_video(sounds=["aac"])
    for name in ("out.mp4", "out.mkv"):
        render(source, tmp_path / name)
        first = (tmp_path / name).read_bytes()
        render(source, tmp_path / name)
        assert (tmp_path / name).read_bytes() == first


def test_pixel_aspect_and_colours_survive_the_joining(make_video, tmp_path):
    source = make_video(sar=Fraction(4, 3))
    info = probe(source)
    shape = VideoShape(64, 48, info.video.time_base, info.video.rate, Fraction(4, 3), info.video.colors)
    with VideoWriter(tmp_path / "a.mp4", shape, FAST) as writer:
        for frame in read(source):
            writer.add(frame)
    assemble([tmp_path / "a.mp4"], tmp_path / "out.mp4", source=source)
    made = probe(tmp_path / "out.mp4").video
    assert made.sample_aspect_ratio == Fraction(4, 3)
    assert made.colors == replace(info.video.colors, assumed=False)


def segment(path, first, encoding=FAST):
    with VideoWriter(path, VideoShape(64, 48), encoding) as writer:
        for index in range(first, first + 4):
            writer.add(Frame(flash(index), index, Fraction(1, 25), index))
    return path


def test_segments_that_do_not_belong_together_are_refused(make_video, tmp_path):
    source, output = make_video(), tmp_path / "out.mp4"
    one, two = segment(tmp_path / "1.mp4", 0), segment(tmp_path / "2.mp4", 4)
    other = segment(tmp_path / "3.mp4", 4, Encoding(preset="ultrafast"))
    with pytest.raises(InputError, match=r"3\.mp4: was encoded with other settings"):
        assemble([one, other], output, source=source)
    with pytest.raises(InputError, match=r"1\.mp4: overlaps"):
        assemble([two, one], output, source=source)
    with pytest.raises(InputError, match="no segments"):
        assemble([], output, source=source)
    two.write_bytes(two.read_bytes()[:600])
    with pytest.raises(InputError, match=r"2\.mp4"):
        assemble([one, two], output, source=source)
    assert not output.exists()


def test_a_full_disk_keeps_the_old_file_and_leaves_no_other(make_video, tmp_path):
    source, one = make_video(), segment(tmp_path / "1.mp4", 0)
    output = tmp_path / "out.mp4"
    output.write_text("old")
    (tmp_path / ".out.part.mp4").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="no space left"):
        assemble([one], output, source=source)
    assert output.read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_an_unknown_container_is_refused_before_the_segments_are_read(tmp_path):
    with pytest.raises(OutputError, match=r"\.xyz"):
        plan_streams(tmp_path / "none.mp4", "out.xyz")
