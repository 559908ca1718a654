"""Small real media with known content."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2  # before av

import av  # isort: skip
import numpy as np
import numpy.typing as npt

HEIGHT, WIDTH, RATE = 48, 64, 8


def texture(seed: int, height: int = HEIGHT, width: int = WIDTH) -> npt.NDArray[np.uint8]:
    """(H, W, 3) blobs of colour: something to see and to follow."""
    small = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def write_clip(
    path: Path, shots: tuple[int, ...] = (4,), *, sound: bool = True, rate: int | Fraction = RATE
) -> Path:
    """Shots of so many frames each: a texture a shot, moving by two pixels a frame."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"crf": "12"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="stereo") if sound else None
        index = 0
        for shot, frames in enumerate(shots):
            for step in range(frames):
                pixels = np.roll(texture(10 + shot), 2 * step, axis=1)
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
                frame.pts, frame.time_base = index, Fraction(1, rate)
                out.mux(video.encode(frame))
                index += 1
        out.mux(video.encode(None))
        if audio is not None:
            _write_tone(out, audio, index / rate)
    return path


def write_sound(path: Path) -> Path:
    """A tone and no picture."""
    with av.open(str(path), "w") as out:
        _write_tone(out, out.add_stream("aac", rate=48000, layout="stereo"), 0.5)
    return path


def write_frameless(path: Path) -> Path:
    """A video stream that ends before its first frame."""
    with av.open(str(path), "w", options={"movflags": "empty_moov+frag_keyframe"}) as out:
        video = out.add_stream("mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        out.start_encoding()
    return path


def _write_tone(out: av.container.OutputContainer, audio: av.AudioStream, seconds: float) -> None:
    times = np.arange(int(48000 * seconds)) / 48000
    tone = np.tile(0.3 * np.sin(2 * np.pi * 440 * times), (2, 1)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    out.mux(audio.encode(frame))
    out.mux(audio.encode(None))


def write_image(path: Path, seed: int = 0) -> Path:
    if not cv2.imwrite(str(path), texture(seed)[..., ::-1]):
        raise OSError(f"cannot write {path}")
    return path


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))
