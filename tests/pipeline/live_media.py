"""Live sources with known answers, and a stylizer that takes as long as it is told."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2  # before av
import numpy as np

import av  # isort: skip

from vidstyle.frames import Frame, Motion
from vidstyle.media import VideoShape

SIZE = (48, 64)


class Inverting:
    """Gives the negative; `wait` seconds a frame."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait, self.cuts = wait, 0

    def start(self, frame: Frame) -> Frame:
        self.cuts += 1
        time.sleep(self.wait)
        return frame.with_pixels(255 - frame.bytes())

    def next(self, frame: Frame, motion: Motion) -> Frame:
        time.sleep(self.wait)
        return frame.with_pixels(255 - frame.bytes())

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, state: object) -> None:
        return


class Keeping:
    """A sink that keeps frames, and may take its time."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait, self.frames, self.closed = wait, [], 0

    def __call__(self, shape: VideoShape) -> Keeping:
        self.shape = shape
        return self

    def add(self, frame: Frame) -> None:
        time.sleep(self.wait)
        self.frames.append(frame)

    def close(self) -> None:
        self.closed += 1


def blob(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """(H, W, 3): a dark ground with a bright square that moves right by two pixels a frame."""
    picture = np.full((*size, 3), 40, np.uint8)
    left = 2 * number % (size[1] - 16)
    return cv2.rectangle(picture, (left, 16), (left + 12, 28), (200, 180, 90), -1)


def transport_stream(
    count: int, size: tuple[int, int] = SIZE, rate: int = 20, first: int = 0
) -> Iterator[bytes]:
    """MPEG-TS bytes of H.264, a piece for each frame."""
    out = io.BytesIO()
    options = {"tune": "zerolatency", "g": "5", "crf": "20"}
    with av.open(out, "w", format="mpegts", options={"flush_packets": "1"}) as container:
        video = container.add_stream("libx264", rate=rate, options=options)
        video.width, video.height, video.pix_fmt = size[1], size[0], "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(blob(first + number, size), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = first + number, Fraction(1, rate)
            container.mux(video.encode(frame))
            yield out.getvalue()
            out.seek(0)
            out.truncate()
        container.mux(video.encode(None))
    yield out.getvalue()


def y4m(count: int, rate: int = 20) -> Iterator[bytes]:
    """A yuv4mpeg stream: its head, then a piece for each frame."""
    yield f"YUV4MPEG2 W{SIZE[1]} H{SIZE[0]} F{rate}:1 Ip A1:1 C420jpeg\n".encode()
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(blob(number), format="rgb24").reformat(format="yuv420p")
        yield b"FRAME\n" + frame.to_ndarray().tobytes()


def write_uneven(path: Path, ticks: tuple[int, ...]) -> Path:
    """A file whose frames are shown at so many six-hundredths of a second."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "12"})
        video.width, video.height, video.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        video.codec_context.time_base = Fraction(1, 600)
        for number, tick in enumerate(ticks):
            frame = av.VideoFrame.from_ndarray(blob(number), format="rgb24")
            frame.pts, frame.time_base = tick, Fraction(1, 600)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
