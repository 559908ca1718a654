"""Media with known answers, made for the tests of the pipeline."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

import av  # isort: skip  (after cv2)

FRAMES = 40
CUT = 21
HEIGHT, WIDTH = 48, 64
TIME_BASE = Fraction(1, 600)
# Uneven, as phones film: 24 ticks are 1/25 s.
TIMES = tuple(24 * number + (7 * number) % 11 for number in range(FRAMES))


def make_clip(
    path: Path,
    *,
    times: tuple[int, ...] = TIMES,
    cut: int | None = CUT,
    size: tuple[int, int] = (HEIGHT, WIDTH),
    sound: bool = True,
    gop: int = 12,
) -> Path:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "12", "g": str(gop)})
        video.width, video.height, video.pix_fmt = size[1], size[0], "yuv420p"
        video.codec_context.time_base = TIME_BASE
        audio = container.add_stream("aac", rate=48000, layout="mono") if sound else None
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(scene(number, size, other=cut is not None and number >= cut))
            frame.pts, frame.time_base = time, TIME_BASE
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            for block in tone(float((times[-1] + 24) * TIME_BASE)):
                container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path


def scene(number: int, size: tuple[int, int] = (HEIGHT, WIDTH), *, other: bool = False) -> np.ndarray:
    """(H, W, 3) uint8: soft blobs that drift by one pixel a frame; of another place after a cut."""
    noise = np.random.default_rng(5 if other else 3).random((12, 64, 3)).astype(np.float32)
    wide = cv2.GaussianBlur(cv2.resize(noise, (640, 120), interpolation=cv2.INTER_CUBIC), (0, 0), 2)
    window = wide[10 : 10 + size[0], 20 + number : 20 + number + size[1]]
    bright = 0.35 + 0.6 * window if other else 0.75 * window
    return (np.clip(bright, 0, 1) * 255).astype(np.uint8)


def tone(seconds: float):
    position = 0
    while position < seconds * 48000:
        wave = np.sin((np.arange(1024) + position) * 0.05).astype(np.float32)[None] * 0.3
        block = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = 48000, position, Fraction(1, 48000)
        position += 1024
        yield block


def make_picture(path: Path, size: tuple[int, int] = (40, 50)) -> Path:
    cv2.imwrite(str(path), scene(0, size))
    return path


def times_of(path: Path) -> list[Fraction]:
    """Seconds of every frame that decodes."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def pixels_of(path: Path) -> np.ndarray:
    """(N, H, W, 3) uint8."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def sound_of(path: Path) -> list[tuple[Fraction, bytes]]:
    """Seconds and bytes of every packet of sound."""
    with av.open(str(path)) as container:
        return [
            (packet.pts * packet.time_base, bytes(packet))
            for packet in container.demux(audio=0)
            if packet.size
        ]
