"""Bad files are told from good ones, in one line that says what to do."""

import os
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.media import DecodeFaults, Limits, probe, read, read_picture


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        probe(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_missing_file_is_told(tmp_path):
    assert "does not exist" in refusal(tmp_path / "no.mp4")


def test_a_folder_is_told(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file_is_told(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "is empty" in refusal(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(make_video):
    path = make_video()
    path.chmod(0)
    assert "cannot be opened" in refusal(path)


@pytest.mark.parametrize("content", [b"\0" * 5000, b"only words " * 400, bytes(range(256)) * 40])
def test_a_file_that_is_no_media_is_told(tmp_path, content):
    path = tmp_path / "junk.mp4"
    path.write_bytes(content)
    assert "is no video or picture that can be read" in refusal(path) or "no frame" in refusal(path)


def test_a_file_with_sound_alone_is_told(tmp_path, make_video):
    both = make_video("both.mkv", sounds=["flac"])
    path = tmp_path / "sound.mka"
    with av.open(str(both)) as source, av.open(str(path), "w", format="matroska") as out:
        target = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = target
                out.mux(packet)
    assert "holds sound but no video" in refusal(path)


def test_a_song_with_cover_art_is_no_video(tmp_path, make_video):
    both = make_video("both.mp4", sounds=["aac"])
    cover = make_video("cover.png", pts=[0], codec="png", pix_fmt="rgb24", options={})
    path = tmp_path / "song.m4a"
    with av.open(str(both)) as song, av.open(str(cover)) as art, av.open(str(path), "w", format="mp4") as out:
        pairs = [(song, song.streams.audio[0]), (art, art.streams.video[0])]
        targets = [out.add_stream_from_template(stream) for _, stream in pairs]
        targets[1].disposition = av.stream.Disposition.attached_pic
        for (container, stream), target in zip(pairs, targets, strict=True):
            for packet in container.demux(stream):
                if packet.size:
                    packet.stream = target
                    out.mux(packet)
    assert "holds sound but no video" in refusal(path)


def test_a_video_without_frames_is_told(tmp_path, make_video):
    path = tmp_path / "none.mp4"
    options = {"movflags": "frag_keyframe+empty_moov"}
    with av.open(str(make_video("a.mp4"))) as source, av.open(str(path), "w", options=options) as out:
        out.add_stream_from_template(source.streams.video[0])
        out.start_encoding()
    assert "no frame that can be decoded" in refusal(path)


def test_a_film_without_its_index_is_told(make_video):
    path = make_video()
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4])
    assert "cannot" not in refusal(path)


def test_a_film_cut_short_gives_its_frames_and_says_what_is_missing(make_video):
    path = make_video(pts=range(100), container_options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.7)])
    faults = DecodeFaults()
    frames = list(read(path, faults=faults))
    assert 30 < len(frames) < 100
    assert faults.missing > 0
    assert any("missing" in fault for fault in faults.describe())


def test_a_matroska_cut_short_says_what_is_missing(make_video):
    path = make_video("clip.mkv", pts=range(100))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    faults = DecodeFaults()
    frames = list(read(path, faults=faults))
    assert 10 < len(frames) < 100
    assert faults.missing > Fraction(1, 2)


def test_a_sound_file_has_no_faults(make_video):
    faults = DecodeFaults()
    assert len(list(read(make_video(pts=range(40)), faults=faults))) == 40
    assert faults.describe() == ()


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_a_last_picture_that_stands_long_is_not_missing(make_video, name):
    path = make_video(name, pts=[0, 1, 2, 3, 50], sounds=["aac"], sound_length=2.0)
    faults = DecodeFaults()
    assert len(list(read(path, faults=faults))) == 5
    assert faults.describe() == ()


def test_a_film_mostly_damaged_is_refused(make_video):
    noise = np.random.default_rng(1)

    def picture(index):
        return noise.integers(0, 255, (48, 64, 3), np.uint8)

    path = make_video("clip.mov", picture=picture, pts=range(20), codec="png", pix_fmt="rgb24", options={})
    content = bytearray(path.read_bytes())
    size = len(content)
    for place in range(size // 2, size - 5000, 1000):
        content[place : place + 500] = bytes(500)
    path.write_bytes(content)
    faults = DecodeFaults()
    with pytest.raises(InputError, match="packets do not decode"):
        list(read(path, faults=faults))
    assert faults.broken_packets > faults.packets / 10


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = b"\0" * (width + 1)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(16000, 16000))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="16000x16000"):
        read_picture(path)
    assert "16000x16000" in refusal(path)


def test_a_huge_picture_under_another_name_is_refused_too(tmp_path):
    path = tmp_path / "bomb.mp4"
    path.write_bytes(_png(16000, 16000))
    assert "16000x16000" in refusal(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nclip.ts\n#EXT-X-ENDLIST\n"),
        ("list.mp4", "ffconcat version 1.0\nfile clip.ts\n"),
    ],
)
def test_a_list_that_names_other_files_is_never_followed(tmp_path, make_video, name, content):
    clip = make_video("clip.ts")
    path = tmp_path / name
    path.write_text(content)
    with av.open(str(path)) as container:  # FFmpeg by itself would follow it
        assert next(container.decode(video=0)).width == 64
    assert clip.parent == path.parent
    assert "is no video or picture" in refusal(path)


@pytest.mark.parametrize(
    "name", ["concat:clip.mp4", "subfile,,start,0,end,0,,:clip.mp4", "http://127.0.0.1:9/a.mp4"]
)
def test_a_name_is_never_taken_for_a_protocol(name, make_video, monkeypatch, tmp_path):
    make_video()
    monkeypatch.chdir(tmp_path)
    assert "does not exist" in refusal(Path(name))


@pytest.mark.parametrize("name", ["a:b.mp4", "100%.mp4", "a b?.mkv", "naïve.mov", "a%03d.png", "50%d*.jpg"])
def test_odd_names_are_plain_files(make_video, tmp_path, name):
    made = make_video("plain" + Path(name).suffix) if name.endswith(("mp4", "mkv", "mov")) else None
    path = tmp_path / name
    if made is None:
        import cv2

        path.write_bytes(cv2.imencode(path.suffix, np.zeros((40, 50, 3), np.uint8))[1].tobytes())
    else:
        made.rename(path)
    assert len(list(read(path))) in (1, 12)


def test_a_film_mostly_damaged_is_read_by_choice(make_video):
    path = make_video("clip.mov", pts=range(20), codec="png", pix_fmt="rgb24", options={})
    content = bytearray(path.read_bytes())
    starts = [place for place in range(len(content)) if content[place : place + 4] == b"\x89PNG"]
    for place in starts[5:15]:
        content[place : place + 4] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(InputError, match="10 of 20 packets do not decode") as refused:
        list(read(path))
    assert "--max-error-rate" in refused.value.hint
    faults = DecodeFaults()
    assert len(list(read(path, faults=faults, limits=Limits(max_error_rate=0.5)))) == 10
    assert "10 of 20 packets are damaged" in faults.describe()


def test_damage_past_the_limit_is_told_before_the_end(make_video):
    path = make_video("clip.mov", pts=range(400), codec="png", pix_fmt="rgb24", options={})
    content = bytearray(path.read_bytes())
    starts = [place for place in range(len(content)) if content[place : place + 4] == b"\x89PNG"]
    for place in starts[20:100]:
        content[place : place + 4] = bytes(4)
    path.write_bytes(content)
    frames = read(path)
    with pytest.raises(InputError, match="packets do not decode"):
        for _ in range(100):
            next(frames)


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        (Limits(max_pixels=64 * 48 - 1), "has 64x48 pixels"),
        (Limits(max_streams=1), "holds 2 streams, more than 1"),
        (Limits(max_duration=Fraction(1, 10)), "lasts 0.12 s, more than 0.1 s"),
    ],
)
def test_limits_can_be_set(make_video, limits, complaint):
    path = make_video(sounds=["aac"])
    with pytest.raises(InputError, match=complaint):
        list(read(path, limits=limits))
    exact = Limits(max_pixels=64 * 48, max_streams=2, max_duration=Fraction(12))
    assert len(list(read(path, limits=exact))) == 12
