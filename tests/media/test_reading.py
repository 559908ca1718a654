"""Frames come with their own times, in order, from any stretch of a file."""

from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from av.video.frame import PictureType

from vidstyle.errors import InputError, SettingsError
from vidstyle.media import DecodeFaults, decode, probe, read

VARIABLE = (0, 40, 41, 120, 125, 300, 301, 302, 480, 700, 701, 950)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.mov"])
def test_frames_of_a_variable_rate_keep_their_exact_times(make_video, name):
    path = make_video(name, pts=VARIABLE, time_base=Fraction(1, 1000))
    frames = list(read(path))
    assert [frame.seconds for frame in frames] == [Fraction(pts, 1000) for pts in VARIABLE]
    assert [frame.index for frame in frames] == list(range(len(VARIABLE)))
    assert all(abs(int(frame.pixels.mean()) - (20 + 15 * frame.index)) <= 2 for frame in frames)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi"])
def test_a_stretch_holds_exactly_the_frames_in_it(make_video, name):
    options = {"g": "5", "bf": "0" if name.endswith("avi") else "2", "preset": "ultrafast"}
    path = make_video(name, pts=range(50), options=options)
    whole = list(read(path))
    begin = probe(path).start
    for start, duration in [
        (Fraction(0), Fraction(1, 5)),
        (Fraction(71, 100), Fraction(3, 10)),
        (Fraction(6, 5), None),
    ]:
        wanted = [
            f.pts
            for f in whole
            if f.seconds >= begin + start and (duration is None or f.seconds < begin + start + duration)
        ]
        part = list(read(path, start=start, duration=duration))
        assert [f.pts for f in part] == wanted
        assert part[0].index == 0
        first = next(f for f in whole if f.pts == wanted[0])
        assert np.abs(part[0].pixels.astype(int) - first.pixels).max() == 0


def test_a_stretch_without_frames_is_refused(make_video):
    with pytest.raises(InputError, match="no frame after 60 s"):
        list(read(make_video(), start=Fraction(60)))


def test_a_stretch_between_two_frames_is_refused(make_video):
    path = make_video("clip.mkv", pts=[0, 1, 20, 21])
    with pytest.raises(InputError, match=r"has no frame from 0.2 s on for 0.1 s"):
        list(read(path, start=Fraction(1, 5), duration=Fraction(1, 10)))


def test_an_animated_png_is_a_video_and_another_is_not(make_video):
    options = {"codec": "apng", "pix_fmt": "rgb24", "options": {}}
    path = make_video("clip.apng", **options)
    path = path.rename(path.with_suffix(".png"))
    assert not probe(path).is_picture
    assert len(list(read(path))) == 12


def test_times_that_are_not_positive_are_refused(make_video):
    path = make_video()
    for wrong in ({"start": Fraction(-1)}, {"duration": Fraction(0)}, {"size": (0, 10)}):
        with pytest.raises(SettingsError):
            list(read(path, **wrong))


def test_a_file_that_starts_late_is_read_from_its_own_start(make_video):
    path = make_video("late.ts", pts=range(1000, 1020))
    info = probe(path)
    assert info.start > 30
    frames = list(read(path, start=Fraction(2, 5)))
    assert frames[0].seconds - info.start == Fraction(2, 5)


def test_raw_h264_without_times_gets_those_of_its_rate(make_video):
    path = make_video("raw.h264", pts=range(10), options={"preset": "ultrafast", "bf": "0"})
    frames = list(read(path))
    assert [frame.seconds for frame in frames] == [Fraction(i, 25) for i in range(10)]
    late = list(read(path, start=Fraction(1, 5)))
    assert [frame.seconds for frame in late] == [Fraction(i, 25) for i in range(5, 10)]


def test_frames_are_scaled_to_the_size_asked_for(make_video):
    frame = next(read(make_video(), size=(24, 40)))
    assert frame.pixels.shape == (24, 40, 3)


def test_deep_sources_come_as_floats(make_video):
    path = make_video(
        "deep.mkv", codec="libx265", pix_fmt="yuv420p10le", options={"x265-params": "log-level=none:crf=4"}
    )
    info = probe(path)
    frame = next(read(path))
    assert info.video.bit_depth == 10
    assert frame.pixels.dtype == np.float32
    assert abs(float(frame.pixels.mean()) - 20 / 255) < 0.006


def test_a_stream_that_changes_size_keeps_the_first(tmp_path, make_video):
    small = make_video("small.h264", pts=range(5), options={"preset": "ultrafast", "bf": "0"})
    large = make_video(
        "large.h264", pts=range(5), width=96, height=80, options={"preset": "ultrafast", "bf": "0"}
    )
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    faults = DecodeFaults()
    frames = list(read(both, faults=faults))
    assert len(frames) == 10
    assert {frame.pixels.shape for frame in frames} == {(48, 64, 3)}
    assert faults.scaled_frames == 5
    assert "changed size" in faults.describe()[0]


def test_a_reader_dropped_half_way_closes_its_file(make_video):
    path = make_video()
    frames = read(path)
    next(frames)
    frames.close()
    path.unlink()
    assert list(frames) == []


def test_the_best_of_two_videos_is_read_and_cover_art_is_not(make_video, tmp_path):
    main, other = make_video("main.mp4", width=128, height=96), make_video("other.mp4")
    cover = make_video("cover.png", pts=[0], codec="png", pix_fmt="rgb24", options={}, width=400, height=400)
    path = tmp_path / "both.mp4"
    with (
        av.open(str(path), "w") as out,
        av.open(str(cover)) as c,
        av.open(str(other)) as o,
        av.open(str(main)) as m,
    ):
        pairs = [(x, x.streams.video[0]) for x in (c, o, m)]
        streams = [out.add_stream_from_template(s) for _, s in pairs]
        streams[0].disposition = av.stream.Disposition.attached_pic
        streams[1].disposition = streams[2].disposition = av.stream.Disposition.default
        for (source, stream), target in zip(pairs, streams, strict=True):
            for packet in source.demux(stream):
                if packet.size:
                    packet.stream = target
                    out.mux(packet)
    info = probe(path)
    assert (info.video.width, info.video.height) == (128, 96)
    assert [stream.kind for stream in info.others] == ["video", "video"]
    assert next(read(path)).pixels.shape == (96, 128, 3)


def test_reading_does_not_begin_where_a_seek_leads_to_damage(make_video, monkeypatch):
    path = make_video(pts=tuple(range(24)))
    real, calls = decode._decoded, []

    def damaged_at_first(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            yield from real(*arguments)
        else:
            yield SimpleNamespace(
                pts=0,
                time_base=Fraction(1, 25),
                is_corrupt=True,
                interlaced_frame=False,
                pict_type=PictureType.I,
            )

    monkeypatch.setattr(decode, "_decoded", damaged_at_first)
    frames = list(read(path, start=Fraction(10, 25)))
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(n, 25) for n in range(10, 24)]
    assert len(calls) == 2


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi"])
@pytest.mark.parametrize("start", [85, 110])
def test_a_stretch_of_an_intra_refresh_clip_is_that_of_the_whole(make_video, name, start):
    """Its recovery points look like keyframes, and what a decoder shows from there on is wrong."""
    speckled = np.random.default_rng(0).integers(0, 255, (240, 680, 3), dtype=np.uint8)
    scenery = cv2.convertScaleAbs(cv2.GaussianBlur(speckled, (0, 0), 3), alpha=4, beta=-380)
    path = make_video(
        name,
        pts=range(120),
        width=320,
        height=180,
        options={"x264-params": "intra-refresh=1:keyint=50:bframes=2", "crf": "20"},
        picture=lambda index: scenery[index // 2 :, 3 * index :][:180, :320].copy(),
    )
    whole = list(read(path))
    part = list(read(path, start=whole[start].seconds - whole[0].seconds))
    assert [frame.pts for frame in part] == [frame.pts for frame in whole[start:]]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(part, whole[start:], strict=True))
