"""How much memory is free, whether an error says that it ran out, and when garbage is looked for.

Of no library in particular.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Torch's CPU allocator raises a plain RuntimeError; on Windows it words it in the second way.
_TORCH_SAYS = ("can't allocate memory", "not enough memory")
_PROC = Path("/proc")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python, numpy, FFmpeg, OpenCV or torch could not have the memory it asked for."""
    cv2, torch = sys.modules.get("cv2"), sys.modules.get("torch")  # what is not loaded has not failed
    if cv2 is not None and isinstance(error, cv2.error):
        return bool(int(getattr(error, "code", 0)) == cv2.Error.StsNoMem)
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return type(error) is RuntimeError and any(words in str(error) for words in _TORCH_SAYS)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile.

    For the import of a large library: it makes objects by the hundred thousand, all of them to stay, and
    Python looks through them again and again.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def free_memory() -> int:
    """Bytes that this process may still take without pushing others out, as far as the system tells."""
    if sys.platform.startswith("linux"):
        return max(0, min(_available_on_linux(), _left_in_control_group(), _left_of_address_space()))
    if sys.platform == "win32":
        return _available_on_windows()
    # macOS tells how much there is, and not in a word how much of it is free: count on half.
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _available_on_linux() -> int:
    (kilobytes,) = re.findall(r"^MemAvailable:\s+(\d+) kB", (_PROC / "meminfo").read_text(), re.MULTILINE)
    return int(kilobytes) * 1024


def _left_in_control_group() -> int:
    """What a container's limit leaves (control groups version 2, as its own processes see them)."""
    try:
        limit = (_CONTROL_GROUPS / "memory.max").read_text().strip()
        used = int((_CONTROL_GROUPS / "memory.current").read_text())
        caches = re.findall(
            r"^inactive_file (\d+)", (_CONTROL_GROUPS / "memory.stat").read_text(), re.MULTILINE
        )
    except (OSError, ValueError):  # no container, or a system that does it differently
        return sys.maxsize
    return sys.maxsize if limit == "max" else int(limit) - used + sum(map(int, caches))


def _left_of_address_space() -> int:
    """What `ulimit -v` leaves."""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    pages = int((_PROC / "self" / "statm").read_text().split()[0])
    return limit - pages * resource.getpagesize()


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows interface."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("available", ctypes.c_uint64),
        ("total_page_file", ctypes.c_uint64),
        ("available_page_file", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64),
        ("available_virtual", ctypes.c_uint64),
        ("available_extended", ctypes.c_uint64),
    )


def _available_on_windows() -> int:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined, unused-ignore]
    return int(status.available)
