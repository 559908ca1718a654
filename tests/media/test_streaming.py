"""Painted frames reach whoever listens: an RTMP receiver here, and a reader of standard output."""

from __future__ import annotations

import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import cv2  # before av
import numpy as np
import pytest

import av  # isort: skip

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media import VideoShape
from vidstyle.media.streaming import StreamWriter, check_address
from vidstyle.media.virtual_camera import VirtualCamera

SHAPE = VideoShape(64, 48, time_base=Fraction(1, 600), rate=Fraction(25))


def frame(number: int) -> Frame:
    pixels = np.full((48, 64, 3), (90, 140, 60), np.uint8)
    cv2.rectangle(pixels, (2 * number, 10), (2 * number + 8, 20), (250, 250, 250), -1)
    return Frame(pixels, 25 * number, Fraction(1, 600), number)


def free_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


RECEIVER = """
import sys
import av
options = {"listen": "1"}
with av.open(sys.argv[1], "r", format="flv", options=options, timeout=20) as container:
    for picture in container.decode(video=0):
        print(float(picture.time), *picture.to_ndarray(format="rgb24")[40, 5], flush=True)
"""


def test_an_rtmp_receiver_gets_the_frames_in_order() -> None:
    address = f"rtmp://127.0.0.1:{free_port()}/live/key"
    command = [sys.executable, "-c", RECEIVER, address]
    # A process of its own: PyAV holds the interpreter's lock while it connects.
    receiver = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    writer = connected(address)
    for number in range(20):
        writer.add(frame(number))
    writer.close()
    out, _ = receiver.communicate(timeout=30)
    lines = [[float(value) for value in line.split()] for line in out.splitlines()]
    assert len(lines) >= 15
    assert np.allclose(np.diff([line[0] for line in lines]), 25 / 600, atol=0.002)
    assert np.abs(np.subtract(lines[0][1:], (90, 140, 60))).max() < 12


def connected(address: str) -> StreamWriter:
    """A writer to a receiver that needs a moment before it listens."""
    until = time.monotonic() + 20
    while True:
        try:
            return StreamWriter(address, SHAPE)
        except OutputError:
            assert time.monotonic() < until
            time.sleep(0.1)


READER = """
import sys
from fractions import Fraction
sys.path.insert(0, {folder!r})
from test_streaming import SHAPE, frame
from vidstyle.media.streaming import StreamWriter
writer = StreamWriter("-", SHAPE)
for number in range(10):
    writer.add(frame(number))
    print(number, file=sys.stderr, flush=True)
    if number == 4:
        input()
writer.close()
"""


@pytest.mark.slow
def test_standard_output_holds_matroska_and_nothing_waits_in_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", READER.format(folder=str(Path(__file__).parent))]
    out = tmp_path / "out.mkv"
    with out.open("wb") as file:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stderr is not None
        for number in range(5):
            assert process.stderr.readline() == b"%d\n" % number
        so_far = out.read_bytes()
        process.communicate(b"\n", timeout=30)
    (tmp_path / "part.mkv").write_bytes(so_far)
    for name, least in (("part.mkv", 4), ("out.mkv", 10)):
        with av.open(str(tmp_path / name)) as container:
            times = [float(picture.time) for picture in container.decode(video=0)]
        assert len(times) >= least
    assert np.allclose(np.diff(times), 25 / 600, atol=0.0011)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://host/file.mkv", "unknown kind"),
        (f"rtmp://127.0.0.1:{free_port()}/live/key", "takes no stream"),
    ],
)
def test_where_nobody_listens_is_told_without_the_key(address: str, said: str) -> None:
    with pytest.raises(OutputError, match=said) as caught:
        StreamWriter(address, SHAPE)
    assert "key" not in str(caught.value)


def test_known_addresses_pass() -> None:
    for address in ("-", "rtmp://host/app/key", "rtsp://host/name"):
        check_address(address)


def test_the_virtual_camera_tells_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(SettingsError, match=r"vidstyle\[virtual-camera\]"):
        VirtualCamera(SHAPE)


def test_the_virtual_camera_gets_the_bytes_and_tells_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the package: a kernel module is needed for the real one."""
    from types import SimpleNamespace

    sent: list[np.ndarray] = []
    made: list[tuple[object, ...]] = []

    def make(width: int, height: int, rate: float, **_: object) -> SimpleNamespace:
        if width != 64:
            raise RuntimeError("no v4l2 loopback\ndevice")
        made.append((width, height, rate))
        return SimpleNamespace(device="/dev/video9", send=sent.append, close=lambda: sent.append(None))

    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=make))
    camera = VirtualCamera(SHAPE)
    camera.add(frame(1))
    camera.close()
    assert made == [(64, 48, 25.0)]
    assert np.array_equal(sent[0], frame(1).pixels)
    assert sent[1] is None
    with pytest.raises(OutputError, match=r"no v4l2 loopback device.*modprobe"):
        VirtualCamera(VideoShape(32, 32))
