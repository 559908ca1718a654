"""Decoders of graphics cards (NVDEC, VideoToolbox, ...): used on request where they open, else software."""

from __future__ import annotations

import io
from contextlib import closing
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

import av
import numpy as np
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.container import InputContainer

from vidstyle.errors import DeviceError, InputError
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.opening import main_video, opened
from vidstyle.media.probe import first_frame, hides_alpha

DecoderChoice = Literal["software", "auto", "cuda", "videotoolbox", "vaapi", "d3d11va", "qsv"]
SOFTWARE: DecoderChoice = "software"
# What "auto" tries, in this order; NVDEC goes by FFmpeg's name for its device, cuda.
HARDWARE: tuple[DecoderChoice, ...] = get_args(DecoderChoice)[2:]


def accelerated(decoder: DecoderChoice) -> HWAccel | None:
    """What `opened` takes to decode by a device; None for software.

    A device that refuses one stream, such as cover art, leaves that to software.
    """
    return None if decoder == SOFTWARE else HWAccel(decoder, allow_software_fallback=True)


def decoder_for(path: Path, asked: DecoderChoice, limits: Limits = DEFAULT) -> tuple[DecoderChoice, str]:
    """The asked decoder, if it really decodes the file's video on this machine, else software.

    Returns:
        The decoder, and what the user should know: a sentence, or nothing where the wish was fulfilled.
    """
    if asked == SOFTWARE:
        return SOFTWARE, ""
    for name in HARDWARE if asked == "auto" else (asked,):
        if _decodes(path, name, limits):
            return name, ""
    who = "No hardware decodes" if asked == "auto" else f"{asked} does not decode"
    return SOFTWARE, f"{who} {path} on this machine: software does."


def decoders() -> dict[str, bool]:
    """For each hardware decoder, whether it really decodes H.264 on this machine."""
    return {name: _decodes_h264(name) for name in HARDWARE}


def _decodes(path: Path, name: DecoderChoice, limits: Limits) -> bool:
    if name not in hwdevices_available():
        return False
    try:
        with opened(path, limits, HWAccel(name, allow_software_fallback=False)) as container:
            video = main_video(container, path, limits)
            if not video.codec_context.is_hwaccel or hides_alpha(video):
                return False
            first_frame(container, video, path, limits)
    # RuntimeError: the device is there, and has no decoder for any stream of the file.
    except (InputError, DeviceError, RuntimeError):
        return False
    return True


@lru_cache(maxsize=len(HARDWARE))
def _decodes_h264(name: DecoderChoice) -> bool:
    if name not in hwdevices_available():
        return False
    device = HWAccel(name, allow_software_fallback=False)
    try:
        with closing(cast(InputContainer, av.open(io.BytesIO(_h264()), hwaccel=device))) as container:
            return any(True for _ in container.decode(video=0))
    except (av.FFmpegError, RuntimeError):
        return False


@lru_cache(maxsize=1)
def _h264() -> bytes:
    """A film of one grey frame, large enough for every device."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 256, 256, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.full((256, 256, 3), 128, np.uint8))
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return file.getvalue()
