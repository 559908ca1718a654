"""Sound and picture keep their step, and the film its length, from every container to every other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from identity import identity

import av  # isort: skip  (after cv2)

from vidstyle.media import Encoding, probe, read

SOUND_RATE = 48_000
RATE = Fraction(30000, 1001)
FLASH = 18
FRAMES = 36
CODECS = {
    "mp4": ("libx264", "aac"),
    "mov": ("libx264", "aac"),
    "mkv": ("libx264", "aac"),
    "webm": ("libvpx-vp9", "libopus"),
    "avi": ("libx264", "pcm_s16le"),
    "ts": ("libx264", "aac"),
}
OPTIONS = {
    "libx264": {"preset": "ultrafast", "bf": "2"},
    "libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"},
}


def noise() -> np.ndarray:
    """(1, samples) float32: 1.2 s of soft noise, that has one place alone where it fits itself."""
    rough = np.random.default_rng(4).standard_normal((1, round(1.2 * SOUND_RATE))).astype(np.float32)
    return cv2.GaussianBlur(rough, (0, 0), 3) * 0.8


def film(path: Path, late: Fraction = Fraction(0), sound_late: Fraction = Fraction(0)) -> Path:
    """A flash in frame 18, and noise; everything begins `late` seconds after 0, the sound later still."""
    codec, sound = CODECS[path.suffix[1:]]
    options = OPTIONS[codec] | ({"bf": "0"} if path.suffix == ".avi" else {})
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=RATE, options=options)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = 1 / RATE
        audio = out.add_stream(sound, rate=SOUND_RATE)
        audio.codec_context.layout = "mono"
        for index in range(FRAMES):
            level = 250 if index == FLASH else 20 + 5 * (index % 12)
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8))
            frame.pts, frame.time_base = index + round(late * RATE), 1 / RATE
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        context = audio.codec_context
        resampler = av.AudioResampler(context.format.name, "mono", SOUND_RATE, context.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(noise(), "fltp", "mono")
        frame.sample_rate, frame.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
        frame.pts = round((round(late * RATE) / RATE + sound_late) * SOUND_RATE)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(audio.encode(part))
        out.mux(audio.encode(None))
    return path


def lag(path: Path) -> float:
    """Seconds by which the sound is behind the picture, as the file's times have it."""
    flash = next(frame.seconds for frame in read(path) if frame.pixels.mean() > 200)
    return _place_of_the_noise(path) - float(flash - FLASH / RATE)


def _place_of_the_noise(path: Path) -> float:
    """Seconds at which the noise begins, to the sample, by the peak of its cross-correlation."""
    heard = np.zeros(8 * SOUND_RATE, np.float32)
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", SOUND_RATE)
        for decoded in container.decode(audio=0):
            for frame in resampler.resample(decoded):
                first = round(frame.pts * frame.time_base * SOUND_RATE) + SOUND_RATE  # room before 0
                samples = frame.to_ndarray()[0]
                heard[first : first + len(samples)] = samples
    wanted = np.zeros_like(heard)
    wanted[: noise().shape[1]] = noise()[0]
    match = np.fft.irfft(np.fft.rfft(heard) * np.conj(np.fft.rfft(wanted)))
    return int(match.argmax()) / SOUND_RATE - 1


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {suffix: film(folder / f"film.{suffix}") for suffix in CODECS}


PAIRS = [(one, other) for one in CODECS for other in CODECS]
QUICK = {("mp4", other) for other in CODECS} | {(one, "mp4") for one in CODECS}
QUICK.add(("avi", "ts"))  # an AVI does not name its channels


@pytest.mark.parametrize(
    ("source", "output"),
    [pytest.param(*pair, marks=() if pair in QUICK else pytest.mark.slow) for pair in PAIRS],
)
def test_sound_and_picture_stay_within_a_millisecond(
    films: dict[str, Path], style: Path, tmp_path: Path, source: str, output: str
) -> None:
    made = tmp_path / f"out.{output}"
    encoding = Encoding(preset="8" if output == "webm" else "ultrafast")
    identity(films[source], style, made, encoding=encoding)
    assert abs(lag(films[source])) < 0.001
    assert abs(lag(made)) < 0.001
    info = probe(made).video
    assert abs(info.rate - RATE) < Fraction(1, 10)
    assert len(list(read(made))) == FRAMES


@pytest.mark.parametrize("output", CODECS)
def test_a_film_that_begins_late_stays_in_step(style: Path, tmp_path: Path, output: str) -> None:
    source, made = film(tmp_path / "late.mkv", Fraction(3)), tmp_path / f"out.{output}"
    assert probe(source).start > Fraction(29, 10)
    identity(source, style, made, encoding=Encoding(preset="8" if output == "webm" else "ultrafast"))
    assert abs(lag(made) - lag(source)) < 0.001


@pytest.mark.parametrize("late", [Fraction(1, 50), Fraction(3, 10)])
@pytest.mark.parametrize(("source", "output"), [("mkv", "webm"), ("mkv", "avi"), ("webm", "mov")])
def test_sound_that_begins_late_keeps_its_place_when_it_is_converted(
    style: Path, tmp_path: Path, source: str, output: str, late: Fraction
) -> None:
    clip, made = film(tmp_path / f"late.{source}", sound_late=late), tmp_path / f"out.{output}"
    assert lag(clip) == pytest.approx(float(late), abs=1e-3)
    identity(clip, style, made, encoding=Encoding(preset="8" if output == "webm" else "ultrafast"))
    assert abs(lag(made) - lag(clip)) < 0.001


def standing(path: Path, last: Fraction) -> Path:
    """Four frames, 0.1 s each but for the last, as screen recordings are."""
    with av.open(str(path), "w") as out:
        gif = path.suffix == ".gif"
        video = out.add_stream("gif" if gif else "libx264", rate=10, options={} if gif else {"bf": "0"})
        video.width, video.height, video.pix_fmt = 64, 48, "rgb8" if gif else "yuv420p"
        video.codec_context.time_base = Fraction(1, 100)
        for index in range(4):
            pixels = np.full((48, 64, 3), 40 + 50 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels).reformat(format=video.pix_fmt)
            frame.pts, frame.time_base, frame.pict_type = 10 * index, Fraction(1, 100), 0
            packets = video.encode(frame) if index < 3 else [*video.encode(frame), *video.encode(None)]
            for packet in packets:
                packet.duration = round(100 * last) if packet.pts == 30 else 10
                out.mux(packet)
    return path


@pytest.mark.parametrize("source", ["mp4", "mkv", "gif"])
@pytest.mark.parametrize("output", ["mp4", "mov", "mkv", "webm", "gif"])
def test_the_last_frame_stands_as_long_as_the_source_shows_it(
    style: Path, tmp_path: Path, source: str, output: str
) -> None:
    clip, made = standing(tmp_path / f"in.{source}", Fraction(7, 5)), tmp_path / f"out.{output}"
    assert probe(clip).duration == Fraction(17, 10)
    identity(clip, style, made, encoding=Encoding(preset="8" if output == "webm" else None))
    assert probe(made).duration == Fraction(17, 10)
    assert [round(frame.seconds, 2) for frame in read(made)] == [
        0,
        Fraction(1, 10),
        Fraction(1, 5),
        Fraction(3, 10),
    ]
