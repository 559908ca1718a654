"""Files whose times are told in odd ways: several edits, edits of nothing, packets without a time."""

import struct
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from vidstyle.media import DecodeFaults, probe, read

HOLDERS = (b"moov", b"trak", b"mdia", b"edts")


def level(index: int) -> np.ndarray:
    return np.full((48, 64, 3), 20 + 10 * index, np.uint8)


def indices(frames) -> list[int]:
    """Which of the drawn frames each one is."""
    return [round((float(frame.pixels.mean()) - 20) / 10) for frame in frames]


def with_edits(content: bytes, edits: list[tuple[int, int]], kind: bytes) -> bytes:
    """An MP4 whose track of a kind has other edits: (milliseconds, first tick; -1: of nothing)."""

    def boxes(content: bytes, track: bool) -> bytes:
        made, place = b"", 0
        while place < len(content):
            size, name = struct.unpack(">I4s", content[place : place + 8])
            body = content[place + 8 : place + size]
            if name == b"trak":
                body = boxes(body, kind in body)
            elif name in HOLDERS:
                body = boxes(body, track)
            elif name == b"elst" and track:
                listed = b"".join(struct.pack(">IiI", length, first, 0x10000) for length, first in edits)
                body = struct.pack(">II", 0, len(edits)) + listed
            made += struct.pack(">I4s", len(body) + 8, name) + body
            place += size
        return made

    return boxes(content, track=False)


@pytest.fixture
def film(make_video):
    options = {"g": "5", "bf": "0", "preset": "ultrafast", "crf": "4", "sc_threshold": "0"}
    path = make_video(pts=range(20), options=options, picture=level)
    assert path.read_bytes().rindex(b"moov") > path.read_bytes().index(
        b"mdat"
    )  # else places of samples shift
    return path


def test_a_piece_cut_out_by_edits_is_not_seen_and_the_rest_follows(film):
    ticks = probe(film).video.time_base.denominator
    content = with_edits(film.read_bytes(), [(200, 0), (400, ticks * 2 // 5)], b"vide")
    film.write_bytes(content)
    frames = list(read(film))
    assert indices(frames) == [*range(5), *range(10, 20)]
    assert [frame.seconds for frame in frames] == [Fraction(index, 25) for index in range(15)]


def test_an_edit_of_nothing_delays_the_picture(film):
    film.write_bytes(with_edits(film.read_bytes(), [(400, -1), (800, 0)], b"vide"))
    frames = list(read(film))
    assert indices(frames) == list(range(20))
    assert [frame.seconds for frame in frames] == [
        Fraction(2, 5) + Fraction(index, 25) for index in range(20)
    ]


def without_pts(content: bytes, wanted: set[int]) -> bytes:
    """An MPEG-TS in which some of the picture's packets (by number) do not tell their times."""
    packets = [bytearray(content[place : place + 188]) for place in range(0, len(content), 188)]
    number = 0
    for packet in packets:
        start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        if not packet[1] & 0x40 or packet[start : start + 3] != b"\0\0\1" or packet[start + 3] >> 4 != 0xE:
            continue
        if number in wanted:
            length = packet[start + 8]
            packet[start + 7] &= 0x3F  # no PTS, no DTS
            packet[start + 9 : start + 9 + length] = b"\xff" * length  # stuffing
        number += 1
    return b"".join(packets)


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_frames_without_a_time_of_their_own_follow_those_that_have_one(make_video, codec):
    options = {"bf": "0", "g": "5"} | ({"preset": "ultrafast"} if codec == "libx264" else {"qmin": "1"})
    path = make_video("clip.ts", pts=range(20), codec=codec, options=options, picture=level)
    whole = [frame.seconds for frame in read(path)]
    path.write_bytes(without_pts(path.read_bytes(), {3, 7, 8, 9, 14}))
    faults = DecodeFaults()
    frames = list(read(path, faults=faults))
    assert indices(frames) == list(range(20))
    assert [frame.seconds for frame in frames] == whole


def test_a_film_that_tells_no_time_at_all_goes_by_its_rate(make_video):
    path = make_video("clip.ts", pts=range(20), options={"bf": "0", "preset": "ultrafast"}, picture=level)
    path.write_bytes(without_pts(path.read_bytes(), set(range(20))))
    frames = list(read(path))
    assert indices(frames) == list(range(20))
    assert [frame.seconds - frames[0].seconds for frame in frames] == [Fraction(i, 25) for i in range(20)]


def test_times_that_step_back_go_on_in_small_steps_that_every_container_can_hold(make_video, tmp_path):
    options = {"bf": "0", "preset": "ultrafast"}
    first = make_video("a.ts", pts=range(6), options=options, picture=level)
    again = make_video("b.ts", pts=range(3, 9), options=options, picture=lambda index: level(index + 6))
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + again.read_bytes())
    faults = DecodeFaults()
    frames = list(read(path, faults=faults))
    assert indices(frames) == list(range(12))
    assert faults.repaired_times == 3
    steps = [b.seconds - a.seconds for a, b in pairwise(frames)]
    assert min(steps) >= Fraction(2, 1000)
    assert steps[-1] == Fraction(1, 25)
