"""How the system's allocator treats memory that a painter frees, and takes again at once."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # mallopt's names for them (malloc.h)
KEPT = 1 << 30  # bytes of free memory that are not given back
LARGEST = 32 << 20  # bytes; glibc accepts no more


def keep_freed_memory() -> None:
    """Let glibc keep what is freed for what is taken next; nothing elsewhere.

    A step of the solver takes and frees some hundred megabytes of features. By default glibc gives
    them back to the system each time and has them zeroed again, page by page: a sixth of the time
    of a frame. The most memory that is used at once stays the same.

    What one thread frees, all may take: by default each thread has a store of its own, and threads come
    and go with every segment. Call this before there are any.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl has no such dial
        return
    mallopt(TRIM_THRESHOLD, KEPT)
    mallopt(MMAP_THRESHOLD, LARGEST)
    mallopt(ARENA_MAX, 1)
