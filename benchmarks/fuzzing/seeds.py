"""One small sound file of every kind that vidstyle opens: what the mutants are made from."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2  # before av

import av  # isort: skip
import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save

HEIGHT, WIDTH, FRAMES, RATE = 48, 64, 8, 8

# suffix, muxer, muxer options, video codec, pixel format, encoder options, sound codec
_VIDEOS = {
    "mp4": ("mp4", {}, "libx264", "yuv420p", {"bf": "2", "g": "4"}, "aac"),
    "mp4 index first": ("mp4", {"movflags": "faststart"}, "libx264", "yuv420p", {}, "aac"),
    "mp4 fragments": (
        "mp4",
        {"movflags": "frag_keyframe+empty_moov"},
        "libx265",
        "yuv420p",
        {"x265-params": "log-level=none"},
        "aac",
    ),
    "mov": ("mov", {}, "prores_ks", "yuv422p10le", {}, "pcm_s16le"),
    "mov jpeg": ("mov", {}, "mjpeg", "yuvj420p", {}, "pcm_s16le"),
    "mkv": ("matroska", {}, "libx264", "yuv420p", {"bf": "2", "g": "4"}, "flac"),
    "mkv ffv1": ("matroska", {}, "ffv1", "yuv420p", {}, "flac"),
    "webm": ("webm", {}, "libvpx-vp9", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}, "libopus"),
    "webm clear": ("webm", {}, "libvpx-vp9", "yuva420p", {"deadline": "realtime", "cpu-used": "8"}, None),
    "webm av1": ("webm", {}, "libsvtav1", "yuv420p10le", {"preset": "12"}, "libopus"),
    "avi": ("avi", {}, "mpeg4", "yuv420p", {"g": "4"}, "mp2"),
    "ts": ("mpegts", {}, "mpeg2video", "yuv420p", {"g": "4"}, "mp2"),
    "ts h264": ("mpegts", {}, "libx264", "yuv420p", {"g": "4"}, "aac"),
    "gif": ("gif", {}, "gif", "rgb8", {}, None),
    "y4m": ("yuv4mpegpipe", {}, "wrapped_avframe", "yuv420p", {}, None),
}
_SUFFIXES = {"matroska": "mkv", "mpegts": "ts", "yuv4mpegpipe": "y4m"}
_PICTURES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "tiff": ".tiff", "bmp": ".bmp", "ppm": ".ppm"}


def texture(shift: int = 0) -> npt.NDArray[np.uint8]:
    """(H, W, 3) blobs of colour, moved to the right by so many pixels."""
    small = np.random.default_rng(5).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    blobs = np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
    return np.roll(blobs, shift, axis=1)


def seeds() -> dict[str, tuple[str, bytes]]:
    """For each kind of file a suffix and the bytes of a sound one."""
    made = {kind: (_suffix(kind), _video(kind)) for kind in _VIDEOS}
    made |= {kind: (suffix, _picture(suffix)) for kind, suffix in _PICTURES.items()}
    made |= {kind: (f".{kind}", text.encode()) for kind, text in _manifests().items()}
    made["safetensors"] = (".safetensors", save(_tensors()))
    made["pth"] = (".pth", _saved(zipped=True))
    made["pth before 1.6"] = (".pth", _saved(zipped=False))
    return made


def is_video(kind: str) -> bool:
    return kind in _VIDEOS


def is_picture(kind: str) -> bool:
    return kind in _PICTURES


def is_manifest(kind: str) -> bool:
    return kind in ("toml", "json", "csv")


def _suffix(kind: str) -> str:
    muxer = _VIDEOS[kind][0]
    return f".{_SUFFIXES.get(muxer, muxer)}"


def _video(kind: str) -> bytes:
    with TemporaryDirectory() as folder:  # an index can be moved to the front of a real file only
        path = Path(folder) / "seed"
        _encode(path, *_VIDEOS[kind])
        return path.read_bytes()


def _encode(
    path: Path,
    muxer: str,
    muxer_options: dict[str, str],
    codec: str,
    pix_fmt: str,
    options: dict[str, str],
    sound: str | None,
) -> None:
    with av.open(str(path), "w", format=muxer, options=muxer_options) as out:
        video = out.add_stream(codec, rate=RATE, options=options)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, pix_fmt
        out.metadata["title"] = "A seed"
        if "yuva" in pix_fmt:
            video.metadata["alpha_mode"] = "1"
        audio = None if sound is None else out.add_stream(sound, rate=48000, layout="mono")
        assert isinstance(audio, av.AudioStream | None)
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(texture(2 * index), format="rgb24")
            coded = frame.reformat(format=pix_fmt)
            coded.pts, coded.time_base = index, Fraction(1, RATE)
            out.mux(video.encode(coded))
        out.mux(video.encode(None))
        if audio is not None:
            _tone(out, audio)


def _tone(out: av.container.OutputContainer, audio: av.AudioStream) -> None:
    times = np.arange(48000 * FRAMES // RATE) / 48000
    tone = (0.3 * 32767 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)[None]
    frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    out.mux(audio.encode(frame))
    out.mux(audio.encode(None))


def _picture(suffix: str) -> bytes:
    return bytes(cv2.imencode(suffix, texture()[..., ::-1])[1])


def _manifests() -> dict[str, str]:
    job: dict[str, object] = {
        "input": ["clip.mp4"],
        "styles": ["style.png"],
        "output": "made-{stem}-{index}.mp4",
        "strength": 0.5,
        "size": "64x48",
        "start": "0:00.25",
        "crf": 20,
    }
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in job.items())
    cells = ["clip.mp4", "style.png", "made-{stem}.mp4", "0.5", "64x48", "0.25", "20"]
    return {
        "toml": f'[defaults]\nquality = "draft"\nencoder_options = {{tune = "film"}}\n\n[[jobs]]\n{toml}\n',
        "json": json.dumps({"defaults": {"quality": "draft"}, "jobs": [job]}, indent=1),
        "csv": f"{','.join(job)}\n{','.join(cells)}\n",
    }


def _tensors() -> dict[str, torch.Tensor]:
    return {"features.0.weight": torch.ones(64, 3, 3, 3), "features.0.bias": torch.zeros(64)}


def _saved(*, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save(_tensors(), file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def write(folder: Path, kinds: Callable[[str], bool]) -> list[Path]:
    """The sound files of some kinds, under names of their own."""
    paths = []
    for kind, (suffix, content) in seeds().items():
        if kinds(kind):
            path = folder / f"{kind.replace(' ', '-')}{suffix}"
            path.write_bytes(content)
            paths.append(path)
    return paths
