"""Memory that runs out, in whatever library it does, as one typed error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from vidstyle.errors import DeviceError

# Torch's CPU allocator raises a plain RuntimeError; on Windows it words it in the second way.
_TORCH_SAYS = ("can't allocate memory", "not enough memory")


@contextmanager
def telling_out_of_memory(where: Path) -> Iterator[None]:
    """Turn every way to run out of memory into a DeviceError about `where`.

    Raises:
        DeviceError: memory ran out.
    """
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceError(
            "ran out of memory", where=where, hint="Give a smaller size, or end other programs."
        ) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python, numpy, FFmpeg, OpenCV or torch could not have the memory it asked for."""
    if isinstance(error, cv2.error):
        return int(getattr(error, "code", 0)) == cv2.Error.StsNoMem
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return type(error) is RuntimeError and any(words in str(error) for words in _TORCH_SAYS)
