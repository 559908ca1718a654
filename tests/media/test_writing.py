"""What is written is closed, exact in time, and the same each time; mistakes show before any work."""

import io
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media import (
    Encoding,
    VideoShape,
    VideoWriter,
    check_encoding,
    codable_size,
    encoders,
    probe,
    read,
    segment_suffix,
)
from vidstyle.media.encoding import open_encoder

FAST = Encoding(preset="ultrafast")
SHAPE = VideoShape(64, 48)


def picture(index: int) -> np.ndarray:
    return np.full((48, 64, 3), 20 + 9 * (index % 20), np.uint8)


def write(path, pts=range(6), shape=SHAPE, encoding=FAST):
    with VideoWriter(path, shape, encoding) as writer:
        for index, time in enumerate(pts):
            writer.add(Frame(picture(index), time, shape.time_base, index))
    return path


@pytest.mark.parametrize(
    "time_base", [Fraction(1, 1000), Fraction(1, 90000), Fraction(1001, 30000), Fraction(1, 30)]
)
@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_times_come_back_exactly_from_far_into_a_stream(tmp_path, time_base, codec):
    pts = [777_777, 777_778, 777_790, 777_800, 777_801, 777_950, 777_951]
    encoding = Encoding(codec, preset=None if codec == "h264" else "12")
    path = write(tmp_path / "late.mp4", pts, replace(SHAPE, time_base=time_base), encoding)
    assert [frame.seconds for frame in read(path)] == [time * time_base for time in pts]


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9", "ffv1", "prores"])
def test_the_same_frames_give_the_same_bytes(tmp_path, codec):
    encoding = Encoding(codec)
    suffix = segment_suffix(encoding)
    first, second = (write(tmp_path / f"{n}{suffix}", range(20), SHAPE, encoding) for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_matroska_is_the_same_each_time_too(tmp_path):
    assert write(tmp_path / "a.mkv").read_bytes() == write(tmp_path / "b.mkv").read_bytes()


def test_the_index_comes_first_and_few_frames_are_keyframes(tmp_path):
    path = write(tmp_path / "a.mp4", range(30))
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(path)) as container:
        assert sum(packet.is_keyframe for packet in container.demux(video=0) if packet.size) == 1


def test_pixel_aspect_and_the_tag_that_players_want_are_written(tmp_path):
    shape = replace(SHAPE, sample_aspect_ratio=Fraction(16, 11))
    path = write(tmp_path / "a.mp4", shape=shape, encoding=Encoding("hevc", preset="ultrafast"))
    assert probe(path).video.sample_aspect_ratio == Fraction(16, 11)
    assert b"hvc1" in path.read_bytes()


def test_an_error_half_way_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), VideoWriter(tmp_path / "a.mp4", SHAPE, FAST) as writer:
        writer.add(Frame(picture(0)))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_no_frames_is_an_error_and_leaves_nothing(tmp_path):
    with (
        pytest.raises(OutputError, match="no frame was written"),
        VideoWriter(tmp_path / "a.mp4", SHAPE, FAST),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = write(tmp_path / "a.mp4")
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), VideoWriter(path, SHAPE, FAST) as writer:
        writer.add(Frame(picture(0)))
        raise ZeroDivisionError
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (Frame(np.zeros((50, 64, 3), np.uint8), 9), "is 64x50, not 64x48"),
        (Frame(np.zeros((48, 64, 3), np.uint8), 0), "in order"),
        (Frame(np.zeros((48, 64, 3), np.uint8), 9, Fraction(1, 30)), "one time base"),
    ],
)
def test_frames_that_do_not_fit_are_refused(tmp_path, frame, message):
    with pytest.raises(SettingsError, match=message), VideoWriter(tmp_path / "a.mp4", SHAPE, FAST) as writer:
        writer.add(Frame(picture(0)))
        writer.add(frame)


@pytest.mark.parametrize(
    ("encoding", "suffix", "error", "message"),
    [
        (Encoding("h246"), ".mp4", SettingsError, "Did you mean h264"),
        (Encoding("theora"), ".mp4", SettingsError, "no codec 'theora'"),
        (Encoding(options={"tunne": "film"}), ".mp4", SettingsError, "no option 'tunne'. Did you mean tune"),
        (Encoding(preset="fastest"), ".mp4", SettingsError, "no preset 'fastest'. Did you mean faster?"),
        (Encoding(options={"tune": "film,%s"}), ".mp4", SettingsError, "no tune '%s'"),
        (Encoding(options={"tune": "loud"}), ".mp4", SettingsError, "no tune 'loud'"),
        (Encoding(pix_fmt="yuv420p9"), ".mp4", SettingsError, "pix_fmt: h264 does not take 'yuv420p9'"),
        (Encoding("ffv1", crf=3), ".mkv", SettingsError, "ffv1 has no crf"),
        (Encoding("ffv1", preset="slow"), ".mkv", SettingsError, "ffv1 has no preset"),
        (Encoding(crf=5, options={"crf": "3"}), ".mp4", SettingsError, "crf: is given twice"),
        (
            Encoding(preset="slow", options={"preset": "fast"}),
            ".mp4",
            SettingsError,
            "preset: is given twice",
        ),
        (Encoding("vp9"), ".mov", OutputError, "cannot hold vp9"),
        (Encoding("h264"), ".webm", OutputError, "cannot hold h264"),
        (Encoding("prores"), ".mp4", OutputError, "cannot hold prores"),
        (Encoding(), ".xyz", OutputError, "'.xyz'"),
        (Encoding(), "", OutputError, "no video container"),
    ],
)
def test_a_mistake_in_the_encoding_is_told_before_any_work(encoding, suffix, error, message):
    with pytest.raises(error) as caught:
        check_encoding(encoding, 48, 64, Fraction(25), suffix)
    assert message in str(caught.value)


def test_an_odd_size_is_told_with_the_one_that_fits():
    with pytest.raises(SettingsError, match="Use 64x48"):
        check_encoding(Encoding(), 49, 65, Fraction(25), ".mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mov", ".mkv", ".MP4"])
def test_the_default_encoding_fits_common_containers(suffix):
    check_encoding(Encoding(), 48, 64, Fraction(30000, 1001), suffix)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_the_codable_size_is_even_where_colour_is_shared(height, width):
    assert codable_size(height, width, Encoding()) == (max(2, height // 2 * 2), max(2, width // 2 * 2))
    assert codable_size(height, width, Encoding("prores")) == (height, max(2, width // 2 * 2))
    assert codable_size(height, width, Encoding(pix_fmt="yuv444p")) == (height, width)
    assert codable_size(height, width, Encoding("ffv1")) == (height, width)


def test_odd_sizes_are_written_where_the_format_allows(tmp_path):
    shape = VideoShape(33, 35)
    for codec in (Encoding(pix_fmt="yuv444p"), Encoding("ffv1")):
        path = tmp_path / f"{codec.codec}.mp4"
        with VideoWriter(path, shape, codec) as writer:
            writer.add(Frame(np.zeros((35, 33, 3), np.uint8)))
        assert next(read(path)).pixels.shape == (35, 33, 3)


def test_the_list_of_encoders_tells_which_open_here():
    assert encoders()["h264"] is True
    assert set(encoders()) >= {"h264", "hevc", "av1", "vp9", "ffv1", "prores", "h264_nvenc"}


def test_parameters_given_by_the_user_are_added_to_ours(tmp_path):
    encoding = Encoding("hevc", preset="ultrafast", options={"x265-params": "keyint=2:min-keyint=2"})
    path = write(tmp_path / "a.mp4", range(8), encoding=encoding)
    with av.open(str(path)) as container:
        assert sum(packet.is_keyframe for packet in container.demux(video=0) if packet.size) == 4


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    # The unfinished file is a link to a device that is always full.
    (tmp_path / ".a.part.mp4").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="no space left"):
        write(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(OutputError, match="folder does not exist"):
        write(tmp_path / "no" / "a.mp4")
    (tmp_path / "dir.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write(tmp_path / "dir.mp4")


def test_a_name_that_looks_like_a_protocol_is_a_plain_file(tmp_path):
    path = write(tmp_path / "pipe:1 100%d.mp4")
    assert len(list(read(path))) == 6


@pytest.mark.parametrize(("size", "threads"), [((64, 48), 4), ((1280, 720), 4), ((1920, 1080), 8)])
def test_large_pictures_are_encoded_by_more_threads_however_many_cores_there_are(size, threads):
    with av.open(io.BytesIO(), "w", format="matroska") as container:
        context = open_encoder(container, VideoShape(*size), FAST, ".mkv").codec_context
        container.start_encoding()
        assert context.thread_count == threads
