"""Paint any iterator of pictures: no files, no segments, each picture given back as it came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vidstyle.errors import InputError, SettingsError
from vidstyle.frames import Frame, Pixels
from vidstyle.media import read_picture
from vidstyle.motion import track
from vidstyle.pipeline.frame_masks import Covered, Masks, following
from vidstyle.pipeline.painter import painter_for
from vidstyle.pipeline.rest import rests
from vidstyle.pipeline.sizes import SMALLEST_SIDE
from vidstyle.pipeline.spared import spared
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

Style = str | PathLike[str] | StylePicture | npt.NDArray[Any] | Tensor
Picture = TypeVar("Picture", npt.NDArray[Any], Tensor)


def stylize_frames(
    frames: Iterable[Picture],
    styles: Sequence[Style],
    settings: Settings | None = None,
    *,
    rate: float | Fraction = 25,
    masks: Sequence[tuple[Masks, Style | None]] = (),
) -> Iterator[Picture]:
    """The pictures of a stream, painted one by one; no picture is read before it is needed.

    Cuts are found, and strokes follow the motion, as in a video file.

    Args:
        frames: (H, W, 3) arrays, or (3, H, W) or (H, W, 3) tensors on any device: RGB, uint8 in
            0..255 or floating point in 0..1. A tensor whose first side is 3 is taken as (3, H, W).
        styles: pictures to take the style from, each a file, a `StylePicture`, an array or a tensor;
            several are mixed. Without any, what no mask covers stays as it is.
        settings: what the result should be; `Settings()` if not given.
        rate: frames per second, for the times of a schedule.
        masks: parts of the picture with a style of their own, or None to leave them as they are; later
            ones lie above earlier ones. A mask is an (H, W) array or tensor (uint8 in 0..255, bool or
            floating point in 0..1) or a picture file, for all frames; or an iterable with an array or
            tensor for each frame. One of another size is scaled.

    Yields:
        For each picture the painted one, of the same type, shape, dtype and device.

    Raises:
        SettingsError: the settings ask for a loop.
        InputError: a style or mask cannot be read; a picture has another shape or range, or a side
            below 32; there are fewer masks than frames.
        WeightsError: the network's weights are missing or damaged.
        DeviceError: the device is absent, broken or out of memory.

    Example:
        >>> import numpy as np
        >>> import vidstyle
        >>> frames = [np.zeros((32, 48, 3), np.uint8)]
        >>> style = np.full((32, 32, 3), 200, np.uint8)
        >>> [picture.shape for picture in vidstyle.stylize_frames(frames, [style])]
        [(32, 48, 3)]
    """
    pictures = [_style(style, f"style {number}") for number, style in enumerate(styles)]
    pictures += [
        replace(_style(style, f"style of mask {region}"), region=region)
        for region, (_, style) in enumerate(masks, 1)
        if style is not None
    ]
    if not pictures:
        raise InputError("names no picture", where="styles", hint="Give at least one.")
    settings = settings or Settings()
    if settings.loop:
        raise SettingsError(
            "needs a file: a stream has no end to close", where="loop", hint="Use vidstyle.stylize."
        )
    stylizer = spared(painter_for(pictures, settings).stylizer, pictures, len(masks))
    next_masks = [following(each, f"mask {number}") for number, (each, _) in enumerate(masks, 1)]
    return _painted(frames, next_masks, stylizer, settings, 1 / Fraction(str(rate)))


def _painted(
    frames: Iterable[Picture],
    masks: Sequence[Callable[[tuple[int, int]], Covered]],
    stylizer: Stylizer,
    settings: Settings,
    time_base: Fraction,
) -> Iterator[Picture]:
    returns: deque[Callable[[Frame], Picture]] = deque()

    def opened() -> Iterator[Frame]:
        for index, picture in enumerate(frames):
            pixels, give_back = _taken(picture, f"frame {index}")
            if min(pixels.shape[:2]) < SMALLEST_SIDE:
                raise InputError(
                    f"is {pixels.shape[1]}x{pixels.shape[0]}",
                    where=f"frame {index}",
                    hint=f"Both sides need at least {SMALLEST_SIDE} pixels.",
                )
            returns.append(give_back)
            size = (pixels.shape[0], pixels.shape[1])
            covered = tuple(mask(size) for mask in masks)
            yield Frame(pixels, pts=index, time_base=time_base, index=index, masks=covered)

    rest = rests(settings, masks=bool(masks))
    moving = track(opened(), preset=settings.flow, mend=settings.mending, whole=False, rest=rest)
    for frame, motion in moving:
        painted = stylizer.start(frame) if motion.cut else stylizer.next(frame, motion)
        yield returns.popleft()(painted)


def _style(style: Style, where: str) -> StylePicture:
    if isinstance(style, StylePicture):
        return style
    if isinstance(style, np.ndarray):
        return StylePicture(_taken(style, where)[0])
    if isinstance(style, Tensor):
        return StylePicture(_taken(style, where)[0])
    return StylePicture(read_picture(Path(style)).pixels)


def _taken(picture: Picture, where: str) -> tuple[Pixels, Callable[[Frame], Picture]]:
    """Pixels of a picture, and how to give a frame back in the picture's own form."""
    if isinstance(picture, Tensor):
        return _taken_tensor(picture, where)
    if not isinstance(picture, np.ndarray):
        raise InputError(
            f"is a {type(picture).__name__}", where=where, hint="Give a numpy array or a torch tensor."
        )
    dtype = picture.dtype
    return _checked(picture, where), lambda frame: _values(frame, dtype == np.uint8).astype(dtype)


def _taken_tensor(picture: Tensor, where: str) -> tuple[Pixels, Callable[[Frame], Tensor]]:
    first = picture.ndim == 3 and picture.shape[0] == 3
    array = (picture.permute(1, 2, 0) if first else picture).detach().cpu()
    plain = array if array.dtype == torch.uint8 or not array.is_floating_point() else array.float()

    def give_back(frame: Frame) -> Tensor:
        values = torch.from_numpy(_values(frame, picture.dtype == torch.uint8))
        return (values.permute(2, 0, 1) if first else values).to(picture.device, picture.dtype)

    return _checked(plain.numpy(), where), give_back


def _checked(array: npt.NDArray[Any], where: str) -> Pixels:
    """The array as a `Frame` holds it: (H, W, 3), uint8 or float32."""
    if array.ndim != 3 or array.shape[2] != 3:
        raise InputError(f"has the shape {array.shape}", where=where, hint="Give (H, W, 3) RGB.")
    if array.dtype == np.uint8:
        return array.astype(np.uint8)
    if not np.issubdtype(array.dtype, np.floating):
        raise InputError(f"holds {array.dtype}", where=where, hint="Give uint8 in 0..255 or floats in 0..1.")
    # Half a step of 8 bits is what rounding may add; 0..255 in floats is the mistake to catch.
    if not (array.min(initial=0) >= -1 / 510 and array.max(initial=0) <= 1 + 1 / 510):
        raise InputError(
            f"holds {array.min():g} to {array.max():g}", where=where, hint="Give floats in 0..1, or uint8."
        )
    return array.astype(np.float32)


def _values(frame: Frame, as_bytes: bool) -> npt.NDArray[Any]:
    return frame.bytes() if as_bytes else frame.floats()
