"""Painted frames as a camera of this machine, for calls and broadcasts (pyvirtualcam)."""

from __future__ import annotations

from typing import Any

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media.codecs import VideoShape


def check_virtual_camera() -> None:
    """Refuse early where the package is missing.

    Raises:
        SettingsError: the extra is not installed.
    """
    _package()


class VirtualCamera:
    """Shows frames in a virtual camera, which exists already (v4l2loopback, OBS); close it at the end.

    Args:
        shape: size and rate of the frames.

    Raises:
        SettingsError: the extra is not installed.
        OutputError: there is no virtual camera on this machine, or it is in use.
    """

    def __init__(self, shape: VideoShape) -> None:
        try:
            self._camera = _package().Camera(shape.width, shape.height, float(shape.rate), print_fps=False)
        except RuntimeError as error:
            raise OutputError(
                "is not to be had: " + " ".join(str(error).split()),
                where="virtual camera",
                hint="On Linux: modprobe v4l2loopback exclusive_caps=1. On Windows and macOS: install OBS.",
            ) from error
        self.device: str = self._camera.device

    def add(self, frame: Frame) -> None:
        """Show a frame from now on."""
        self._camera.send(frame.bytes())

    def close(self) -> None:
        """Give the camera back."""
        self._camera.close()


def _package() -> Any:
    try:
        import pyvirtualcam
    except ImportError as error:
        raise SettingsError(
            "needs the package pyvirtualcam",
            where="--virtual-camera",
            hint="pip install 'vidstyle[virtual-camera]'",
        ) from error
    return pyvirtualcam
