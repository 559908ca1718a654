"""The window of a live picture, and the keys that are pressed in it. For the main thread alone."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from contextlib import suppress
from typing import cast

# Qt looks for fonts that OpenCV does not bring and says so, many times.
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts.warning=false;*.warning=false")

# With the copy of this library that OpenCV's wheel brings, Qt now and then loses events on a busy machine:
# that the window came onto the screen among them, and such a window stays black for good.
if sys.platform.startswith("linux"):
    with suppress(OSError):  # not installed: the copy has to do
        ctypes.CDLL("libX11-xcb.so.1", mode=ctypes.RTLD_GLOBAL)

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import SettingsError

TITLE = "vidstyle"
ESCAPE = 27
_HINT = "Add --no-window, and --output or --record for what is painted."

Picture = npt.NDArray[np.uint8]


def check_display() -> None:
    """Refuse where no window can open: Qt would end the whole process.

    Raises:
        SettingsError: there is no display, or it cannot be reached.
    """
    if not sys.platform.startswith("linux"):
        return
    display = os.environ.get("DISPLAY", "")
    # OpenCV's windows speak X11 alone; a Wayland desktop serves that too, and sets DISPLAY.
    if not display:
        raise SettingsError("needs a display, and there is none", where="the window", hint=_HINT)
    if not any(map(_reachable, _addresses(display))):
        raise SettingsError(f"cannot be opened on display {display!r}", where="the window", hint=_HINT)


def _addresses(display: str) -> list[str | tuple[str, int]]:
    """Where an X server may listen for a display such as ":0", "unix:0" or "host:10.0"."""
    host, _, number = display.rpartition(":")
    digits = number.split(".")[0]
    if not digits.isdecimal():
        return []
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{digits}"
        return [f"\0{path}", path]
    return [(host, 6000 + int(digits))]


def _reachable(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.settimeout(5)
        try:
            tried.connect(address)
        except OSError:
            return False
        return True


class Window:
    """Shows pictures of one size; may be enlarged by its user.

    Args:
        size: (height, width) of the pictures.

    Raises:
        SettingsError: this build of OpenCV has no windows.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._was_visible = False
        try:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(TITLE, size[1], size[0])
        except cv2.error as error:
            raise SettingsError(
                "cannot be opened: this OpenCV was built without windows",
                where="the window",
                hint=f"pip install opencv-python instead of opencv-python-headless. {_HINT}",
            ) from error

    def show(self, picture: Picture) -> None:
        """A picture, (H, W, 3) RGB; it is drawn by the next `key`."""
        cv2.imshow(TITLE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def key(self) -> str:
        """Draw, and say which key was pressed, "" for none; Escape is "q"."""
        code = cv2.waitKey(1)
        return "" if code < 0 else "q" if code & 0xFF == ESCAPE else chr(code & 0xFF)

    @property
    def closed(self) -> bool:
        """Its user closed it; a window that is not on the screen yet is not closed."""
        try:
            visible = bool(cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1)
        except cv2.error:  # OpenCV 5 knows nothing any more of a window that was closed
            return True
        self._was_visible = self._was_visible or visible
        return self._was_visible and not visible

    def close(self) -> None:
        """Take it off the screen."""
        cv2.destroyAllWindows()
        cv2.waitKey(1)


def drawn(painted: Picture, source: Picture, text: str, *, mirror: bool, compare: bool) -> Picture:
    """What the window shows of a picture: a copy, for the eye of its user alone.

    Args:
        painted: (H, W, 3).
        source: (H, W, 3).
        text: written in a corner; a line each.
        mirror: as in a mirror.
        compare: the left half as captured.
    """
    picture = painted.copy()
    if compare:
        middle = picture.shape[1] // 2
        picture[:, :middle] = source[:, :middle]
        picture[:, middle - 1 : middle + 1] = 255
    if mirror:
        picture = cast(Picture, cv2.flip(picture, 1))
    for number, line in enumerate(text.splitlines()):
        place = (8, 20 + 18 * number)
        for shade, width in ((0, 3), (255, 1)):  # white on black is read on any picture
            cv2.putText(picture, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (shade,) * 3, width, cv2.LINE_AA)
    return picture
