"""The window of a live picture, and the keys that are pressed in it. For the main thread alone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import cast

# Qt looks for fonts that OpenCV does not bring and says so, many times.
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts.warning=false;*.warning=false")

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import SettingsError

TITLE = "vidstyle"
ESCAPE = 27
_OPENS = f"import cv2; cv2.namedWindow({TITLE!r}, cv2.WINDOW_NORMAL); cv2.waitKey(1)"
_HINT = "Add --no-window, and --output or --record for what is painted."

Picture = npt.NDArray[np.uint8]


class Probe:
    """Finds out in a process of its own whether a window can open: where it cannot, Qt ends the process.

    Starts at once and takes half a second, while other things are loaded.
    """

    def __init__(self) -> None:
        self._headless = sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        )
        self._process: subprocess.Popen[bytes] | None = None
        if not self._headless:
            command = [sys.executable, "-c", _OPENS]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def check(self) -> None:
        """Refuse where no window can open.

        Raises:
            SettingsError: there is no display, or it cannot be reached.
        """
        if self._headless:
            raise SettingsError("needs a display, and there is none", where="the window", hint=_HINT)
        if self._process is None:
            return
        try:
            code = self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            self.close()
        if code != 0:
            display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or ""
            raise SettingsError(f"cannot be opened on display {display!r}", where="the window", hint=_HINT)

    def close(self) -> None:
        """End the process, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Window:
    """Shows pictures of one size; may be enlarged by its user.

    Args:
        size: (height, width) of the pictures.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(TITLE, size[1], size[0])

    def show(self, picture: Picture) -> None:
        """A picture, (H, W, 3) RGB; it is drawn by the next `key`."""
        cv2.imshow(TITLE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def key(self) -> str:
        """Draw, and say which key was pressed, "" for none; Escape is "q"."""
        code = cv2.waitKey(1)
        return "" if code < 0 else "q" if code & 0xFF == ESCAPE else chr(code & 0xFF)

    @property
    def closed(self) -> bool:
        """Its user closed it."""
        return bool(cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1)

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
