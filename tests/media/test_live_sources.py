"""What live sources are taken for, the times of their frames, and how frames fill the picture."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.media.capture import Captured, Clock, ToSize
from vidstyle.media.colors import colors_of
from vidstyle.media.live_source import camera, shown_address, source_of
from vidstyle.media.orientation import Orientation

import av  # isort: skip


def captured(
    pts: int | None,
    arrived: float = 0.0,
    time_base: Fraction = Fraction(1, 90000),
    pixels: np.ndarray | None = None,
    orientation: Orientation | None = None,
) -> Captured:
    pixels = np.zeros((8, 8, 3), np.uint8) if pixels is None else pixels
    picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    picture.pts, picture.time_base = pts, time_base
    colors = colors_of("rgb24", *pixels.shape[:2])
    return Captured(picture, colors, orientation or Orientation(), arrived, Fraction(30))


def test_times_start_at_0_and_are_the_sources_own() -> None:
    clock = Clock()
    assert [clock.ticks(captured(pts)) for pts in (9000, 12003, 15000)] == [0, 3003, 6000]
    assert clock.time_base == Fraction(1, 90000)


def test_times_go_on_after_the_source_came_back_with_another_clock() -> None:
    clock = Clock()
    clock.ticks(captured(9000, 10.0))
    clock.ticks(captured(12000, 10.1))
    clock.restart()
    back = clock.ticks(captured(50, 12.1, Fraction(1, 1000)))
    assert back == 3000 + 2 * 90000  # two seconds passed on our own clock
    assert clock.ticks(captured(150, 12.2, Fraction(1, 1000))) == back + 9000


def test_missing_and_backward_times_are_mended_by_the_arrival() -> None:
    clock = Clock()
    ticks = [
        clock.ticks(captured(pts, arrived, Fraction(1, 10)))
        for pts, arrived in ((0, 1.0), (1, 1.1), (1, 1.2), (None, 1.5), (0, 1.6), (1, 1.7))
    ]
    assert ticks == [0, 1, 2, 5, 6, 7]


@pytest.mark.parametrize(("size", "part"), [((40, 40), "middle"), ((40, 80), "all"), ((10, 80), "middle")])
def test_a_frame_fills_the_picture_without_being_stretched(size: tuple[int, int], part: str) -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[16:24, 36:44] = 255
    fitted = ToSize(size)(captured(0, pixels=pixels))
    assert fitted.shape == (*size, 3)
    rows, columns = (np.flatnonzero((fitted[..., 0] > 127).any(axis)) for axis in (1, 0))
    assert abs(len(rows) - len(columns)) <= 1  # a square is still a square
    assert abs(rows.mean() - (size[0] - 1) / 2) <= 0.5
    assert abs(columns.mean() - (size[1] - 1) / 2) <= 0.5


def test_a_phone_held_upright_is_upright() -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, :40] = 200
    turned = captured(0, pixels=pixels, orientation=Orientation(90))
    assert turned.size == (80, 40)
    fitted = ToSize((80, 40))(turned)
    assert fitted[60, 20, 0] > 150 > 50 > fitted[20, 20, 0]


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("-", "pipe", "pipe:0"),
        ("lavfi:testsrc2", "pattern", "testsrc2"),
        ("rtsp://me:secret@cam/stream", "stream", "rtsp://me:secret@cam/stream"),
        ("clip.mp4", "file", "file:"),
        ("pipe", "pipe", "file:"),
    ],
)
def test_sources_are_told_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, kind: str, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").touch()
    os.mkfifo(tmp_path / "pipe")
    source = source_of(text)
    assert source.kind == kind
    assert source.url.startswith(url)
    assert "secret" not in source.name


@pytest.mark.parametrize(
    ("text", "said"),
    [("gone.mp4", "does not exist"), (".", "is a folder"), ("gopher://host/x", "unknown kind")],
)
def test_what_is_no_source_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        source_of(text)


def test_no_address_may_open_files() -> None:
    for text in ("http://host/list.m3u8", "rtsp://host/a", "tcp://host:1"):
        assert "file" not in source_of(text).options["protocol_whitelist"]


def test_keys_and_passwords_are_not_told() -> None:
    assert shown_address("rtmp://me:pw@host:1935/app/key", secret_path=True) == "rtmp://host:1935/app/..."
    assert shown_address("rtsp://me:pw@host/door") == "rtsp://host/door"


@pytest.mark.skipif(not Path("/dev").is_dir(), reason="cameras are found by their device files")
def test_a_camera_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match=r"camera 97: is not there.*--list-cameras"):
        camera("97")
