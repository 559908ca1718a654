"""Makes small media files with known pictures, times and sounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2 as cv2  # before av, as the package does
import numpy as np
import pytest

RATE = 48_000


@dataclass
class Recipe:
    """A file to make; pts are ticks of time_base."""

    pts: Sequence[int] = tuple(range(12))
    time_base: Fraction = Fraction(1, 25)
    rate: int = 25
    width: int = 64
    height: int = 48
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"crf": "10", "preset": "ultrafast", "bf": "2"})
    sar: Fraction = Fraction(1)
    display: tuple[float, bool, bool] | None = None  # degrees, hflip, vflip
    sounds: Sequence[str] = ()
    languages: Sequence[str] = ()
    sound_start: float = 0.0
    sound_length: float = 0.48
    chapters: Sequence[tuple[float, float, str]] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    picture: Callable[[int], np.ndarray] | None = None
    container_options: dict[str, str] = field(default_factory=dict)


def grey(recipe: Recipe, index: int) -> np.ndarray:
    """A flat picture whose level tells its index."""
    return np.full((recipe.height, recipe.width, 3), 20 + 15 * (index % 14), np.uint8)


def make(path: Path, recipe: Recipe) -> Path:
    with av.open(str(path), "w", options=recipe.container_options) as out:
        out.metadata.update(recipe.metadata)
        stream = out.add_stream(recipe.codec, rate=recipe.rate, options=recipe.options)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = recipe.width, recipe.height, recipe.pix_fmt
        context.time_base = stream.time_base = recipe.time_base
        context.sample_aspect_ratio = recipe.sar
        if recipe.display:
            degrees, hflip, vflip = recipe.display
            stream.set_display_rotation(degrees, hflip=hflip, vflip=vflip)
        sounds = [_add_sound(out, codec, i, recipe) for i, codec in enumerate(recipe.sounds)]
        if recipe.chapters:
            out.set_chapters(
                [
                    {
                        "id": i,
                        "start": round(a * 1000),
                        "end": round(b * 1000),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for i, (a, b, title) in enumerate(recipe.chapters)
                ]
            )
        for index, pts in enumerate(recipe.pts):
            pixels = recipe.picture(index) if recipe.picture else grey(recipe, index)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = pts, recipe.time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        for number, sound in enumerate(sounds):
            _sing(out, sound, 300 + 200 * number, recipe)
    return path


def _add_sound(out: Any, codec: str, number: int, recipe: Recipe) -> Any:
    stream = out.add_stream(codec, rate=RATE)
    stream.codec_context.layout = "stereo"
    if number < len(recipe.languages):
        stream.metadata["language"] = recipe.languages[number]
    return stream


def tone(seconds: float, hertz: int) -> np.ndarray:
    """(2, samples) int16: a tone with one loud click at 0.2 s."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = 2000 * np.sin(2 * np.pi * hertz * time)
    wave[round(0.2 * RATE) : round(0.2 * RATE) + 96] = 30000
    return np.stack([wave, wave]).astype(np.int16)


def _sing(out: Any, stream: Any, hertz: int, recipe: Recipe) -> None:
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name,
        layout="stereo",
        rate=RATE,
        frame_size=stream.codec_context.frame_size or 1024,
    )
    wave = tone(recipe.sound_length, hertz)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave.T.reshape(1, -1)), "s16", "stereo")
    frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
    frame.pts = round(recipe.sound_start * RATE)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        out.mux(stream.encode(part))
    out.mux(stream.encode(None))


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """make_video("name.mp4", pts=..., sounds=["aac"], ...) -> path."""

    def factory(name: str = "clip.mp4", **changes: Any) -> Path:
        return make(tmp_path / name, Recipe(**changes))

    return factory


def packets(path: Path, index: int) -> list[tuple[Fraction, bytes]]:
    """(seconds, bytes) of every packet of a stream."""
    with av.open(str(path)) as container:
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(container.streams[index]) if p.size]


def click_time(path: Path, number: int = 0) -> float:
    """Seconds at which the click in a sound stream starts, as a player would play it."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[number]
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        for packet in container.demux(stream):
            for decoded in packet.decode():
                for frame in resampler.resample(decoded):
                    loud = np.abs(frame.to_ndarray()[0]) > 0.4
                    if loud.any():
                        return float(frame.pts * frame.time_base) + int(loud.argmax()) / RATE
    raise AssertionError("no click")


@pytest.fixture
def tools() -> Any:
    """The functions above, for the tests."""

    class Tools:
        packets = staticmethod(packets)
        click_time = staticmethod(click_time)

    return Tools
