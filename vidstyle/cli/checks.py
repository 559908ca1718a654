"""The checks of `vidstyle doctor`: each tries the real thing and says what it found."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vidstyle.errors import VidstyleError, WeightsError
from vidstyle.frames import Frame

# What broken native libraries raise when they are imported or used: torch and its drivers raise
# RuntimeError, or AssertionError where a backend was not compiled in.
FAULTS = (ImportError, OSError, RuntimeError, AssertionError, VidstyleError)


@dataclass(frozen=True)
class Check:
    """One thing that works, works not but need not ("warning"), or must be mended ("fault")."""

    name: str
    status: Literal["ok", "warning", "fault"]
    found: str
    hint: str = ""


def examine() -> Iterator[Check]:
    """All checks, in order; OpenCV comes before PyAV because the other order breaks its windows."""
    yield _software()
    yield _attempt(
        "optical flow",
        _optical_flow,
        "Where libGL or libxcb is missing: apt install libgl1 libglib2.0-0 libxcb1 libx11-xcb1, "
        "or pip install --force-reinstall opencv-python-headless.",
    )
    yield _attempt("encoders", _encoders, "Install av again: pip install --force-reinstall 'av>=18,<19'.")
    yield _attempt("torch", _torch, "Install torch again: pip install --force-reinstall torch torchvision.")
    yield _torchvision()
    yield from _devices()
    yield _attempt("built-in network", _builtin_network, "Install vidstyle again.")
    yield _attempt("cache folder", _cache_folder, "Needed for --features vgg19 only.", needed=False)
    yield _attempt("vgg19", _vgg19, "Needed for --features vgg19 only.", needed=False)


def _attempt(name: str, find: Callable[[], str], hint: str, *, needed: bool = True) -> Check:
    try:
        return Check(name, "ok", find())
    except FAULTS as error:
        return Check(name, "fault" if needed else "warning", _reason(error), hint)


def _reason(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _software() -> Check:
    version = importlib.metadata.version("vidstyle")
    found = f"vidstyle {version}, Python {platform.python_version()}, {platform.platform()}"
    return Check("software", "ok", found)


def _optical_flow() -> str:
    from vidstyle.motion import track

    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    frames = [Frame(noise, index=0), Frame(np.roll(noise, 2, axis=1), index=1)]
    if len(list(track(frames))) != len(frames):
        raise RuntimeError("frames went missing")
    return f"OpenCV {importlib.metadata.version('opencv-python')}"


def _encoders() -> str:
    from vidstyle.media import encoders

    opens = encoders()
    if not opens["h264"]:  # the default codec
        raise RuntimeError("h264 does not open")
    missing = [name for name, works in opens.items() if not works]
    found = ", ".join(name for name, works in opens.items() if works)
    return f"{found} (not here: {', '.join(missing)})" if missing else found


def _torch() -> str:
    import torch

    return f"torch {torch.__version__}, {torch.get_num_threads()} threads"


def _torchvision() -> Check:
    """Built for another torch, it raises RuntimeError ("operator torchvision::nms does not exist")."""
    try:
        import torchvision
    except FAULTS as error:
        return Check(
            "torchvision",
            "warning",
            f"does not fit this torch ({_reason(error)})",
            "Only --features vgg19 needs it. Install a matching pair: "
            "pip install --force-reinstall torch torchvision",
        )
    return Check("torchvision", "ok", f"torchvision {torchvision.__version__}")


def _devices() -> Iterator[Check]:
    try:
        import torch
    except FAULTS:
        return  # the check before said so
    yield _attempt("device cpu", lambda: _compute("cpu"), "Install torch again.")
    for number in range(torch.cuda.device_count()):
        name = torch.cuda.get_device_name(number)
        yield _attempt(
            f"device cuda:{number}",
            lambda number=number, name=name: f"{name}, {_compute(f'cuda:{number}')}",  # type: ignore[misc]
            "Use another --device, or update the driver.",
            needed=False,
        )
    if torch.backends.mps.is_available():
        yield _attempt("device mps", lambda: _compute("mps"), "Use --device cpu.", needed=False)


def _compute(device: str) -> str:
    """A small convolution and its gradient: the kind of work that a render does, and in which arithmetic."""
    import torch

    from vidstyle.pipeline.device import choose_precision

    image = torch.ones(1, 3, 16, 16, device=device, requires_grad=True)
    kernel = torch.ones(4, 3, 3, 3, device=device)
    total = torch.nn.functional.conv2d(image, kernel).sum()
    (gradient,) = torch.autograd.grad(total, image)
    if float(gradient.max()) != 36.0:  # 4 kernels of 3 x 3 ones
        raise RuntimeError("computes a convolution wrongly")
    precision = choose_precision("auto", torch.device(device))
    return f"computes in {str(precision).removeprefix('torch.')}"


def _builtin_network() -> str:
    from vidstyle.features import load_features

    return f"weights {load_features('builtin').fingerprint[:12]}"


def _cache_folder() -> str:
    from vidstyle.features.weights import cache_folder

    folder = cache_folder()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    with tempfile.TemporaryFile(dir=existing):
        return f"{folder} can be written"


def _vgg19() -> str:
    from vidstyle.features import vgg
    from vidstyle.features.weights import cache_folder

    file = cache_folder() / vgg.FILENAME
    if not file.is_file():
        return "not fetched; the first --features vgg19 does (548 MB)"
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if not found.startswith(vgg.SHA256):
        raise WeightsError("is damaged", where=file, hint="Delete it; it will be fetched again.")
    return f"weights {found[:12]} in {file}"
