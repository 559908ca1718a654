"""A display without a screen, for the tests that look at windows."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

SCREEN = "VIDSTYLE_TEST_SCREEN"

needs_display = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
    reason="windows need Xvfb and xdotool: apt install xvfb xdotool",
)


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """The environment of a display of its own, with a free number."""
    with TemporaryDirectory() as folder:
        yield from _served(Path(folder))


def _served(folder: Path) -> Iterator[dict[str, str]]:
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    # Without the last, it starts over whenever a last client leaves, such as each look for a window.
    command += ["-fbdir", str(folder), "-noreset"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        screen = {SCREEN: str(folder / "Xvfb_screen0")}
        yield {**os.environ, "DISPLAY": f":{number}", "OMP_NUM_THREADS": "1", **screen}
    finally:
        server.terminate()
        server.wait(10)


def screenshot(env: dict[str, str], left: int, top: int, width: int, height: int) -> np.ndarray:
    """A part of the screen, (H, W, 3), from the file that Xvfb draws into (an X window dump)."""
    dump = Path(env[SCREEN]).read_bytes()
    head = np.frombuffer(dump, ">u4", 25)
    rows, line, offset = int(head[5]), int(head[12]), int(head[0] + 12 * head[19])
    pixels = np.frombuffer(dump, np.uint8, rows * line, offset).reshape(rows, line // 4, 4)
    return pixels[top : top + height, left : left + width, :3].copy()


def xdotool(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(["xdotool", *arguments], env=env, capture_output=True, text=True, check=False)
    return done.stdout.strip()


class _ClientMessage(ctypes.Structure):
    _fields_ = (
        *(("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("sent", ctypes.c_int)),
        *(("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("kind", ctypes.c_ulong)),
        *(("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("rest", ctypes.c_long * 24)),
    )


def ask_to_close(env: dict[str, str], window: str) -> None:
    """What the close button of a window's frame sends; xdotool of Debian 12 cannot."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    screen = ctypes.c_void_p(x11.XOpenDisplay(env["DISPLAY"].encode()))
    protocols, delete = (x11.XInternAtom(screen, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    number = ctypes.c_ulong(int(window))
    event = _ClientMessage(33, 0, 1, screen, number, protocols, 32, (ctypes.c_long * 5)(delete, 0))
    x11.XSendEvent(screen, number, 0, ctypes.c_long(0), ctypes.byref(event))
    x11.XSync(screen, 0)
    x11.XCloseDisplay(screen)


def window_of(env: dict[str, str], title: str, patience: float = 60) -> str:
    """The number of a window once it is there."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = xdotool(env, "search", "--name", f"^{title}$").split()
        if found:
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(f"no window {title!r}")
