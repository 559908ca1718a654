"""Masks of pictures from Python: arrays and tensors, one for all frames or one for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from vidstyle.errors import InputError
from vidstyle.media import coverage, read_picture
from vidstyle.media.conversion import scaled

Covered = npt.NDArray[np.float32]
MaskPicture = npt.NDArray[Any] | Tensor
Masks = str | PathLike[str] | MaskPicture | Iterable[MaskPicture]
"""A picture file or an (H, W) array or tensor for all frames; or an iterable with one for each frame."""


def following(masks: Masks, where: str) -> Callable[[tuple[int, int]], Covered]:
    """What gives the mask of each frame in turn, (H, W) float32 in 0..1, when called with its size.

    Args:
        masks: for all frames, or for each.
        where: to name them in messages.

    Raises:
        InputError: a file cannot be read; a mask has another shape or range; there are fewer than frames.
    """
    if isinstance(masks, (str, PathLike)):
        still = coverage(read_picture(Path(masks), alpha=True))
        return lambda size: _fitted(still, size)
    if isinstance(masks, (np.ndarray, Tensor)) and masks.ndim == 2:
        one = _checked(masks, where)
        return lambda size: _fitted(one, size)
    each, numbers = iter(masks), count()

    def next_one(size: tuple[int, int]) -> Covered:
        number = next(numbers)
        mask = next(each, None)
        if mask is None:
            raise InputError(
                f"ends before frame {number}", where=where, hint="Give one for each frame, or one for all."
            )
        return _fitted(_checked(mask, f"{where}, frame {number}"), size)

    return next_one


def _checked(mask: MaskPicture, where: str) -> Covered:
    """The mask in 0..1, of the size that it has."""
    array = mask.detach().cpu().float().numpy() if isinstance(mask, Tensor) else np.asarray(mask)
    whole = np.iinfo(np.uint8).max if str(mask.dtype).endswith("uint8") else 1
    if array.ndim != 2:
        raise InputError(f"has the shape {array.shape}", where=where, hint="Give (H, W).")
    values = array.astype(np.float32) / np.float32(whole)
    if not (values.min(initial=0) >= 0 and values.max(initial=0) <= 1):
        raise InputError(
            f"holds {array.min():g} to {array.max():g}",
            where=where,
            hint="Give uint8, bool, or floats in 0..1.",
        )
    return values


def _fitted(mask: Covered, size: tuple[int, int]) -> Covered:
    if mask.shape == size:
        return mask
    fitted: Covered = np.clip(scaled(mask, size), 0, 1).astype(np.float32)
    return fitted
