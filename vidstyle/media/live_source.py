"""What a live picture can come from, by the name that a user gives it."""

from __future__ import annotations

import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from vidstyle.errors import InputError, SettingsError
from vidstyle.media.opening import source_url

Kind = Literal["camera", "stream", "pipe", "file", "pattern"]

PATTERN = "lavfi:"

# What each kind of address may open in turn: never a file, whatever a playlist there says.
_WEB = "http,https,tcp,tls,crypto,data,httpproxy"
PROTOCOLS: dict[str, str] = {
    "rtsp": "rtsp,rtp,srtp,udp,tcp,tls",
    "rtsps": "rtsps,rtsp,rtp,srtp,udp,tcp,tls",
    "rtp": "rtp,srtp,udp",
    "udp": "udp",
    "tcp": "tcp",
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,rtmp,tls,tcp",
    "http": _WEB,
    "https": _WEB,
}


@dataclass(frozen=True)
class LiveSource:
    """Something to capture frames from.

    Attributes:
        name: for messages; of an address without its password.
        url: what FFmpeg opens.
        kind: a camera or stream comes back after it was lost; a file is played in real time, all else
            is taken as it comes.
        format: FFmpeg's name of the format, None where it is found out.
        options: FFmpeg's, for opening.
    """

    name: str
    url: str
    kind: Kind
    format: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def comes_back(self) -> bool:
        """Worth trying again once it is lost."""
        return self.kind in ("camera", "stream")


def source_of(text: str) -> LiveSource:
    """The source that `--input` names: a file, an address, "-" for standard input, or "lavfi:GRAPH".

    Raises:
        InputError: no such file, or an address of a kind unknown here.
    """
    if text == "-":
        return LiveSource("standard input", "pipe:0", "pipe")
    if text.startswith(PATTERN):
        graph = text.removeprefix(PATTERN)
        return LiveSource(text, graph, "pattern", format="lavfi")
    if "://" in text:
        return _address(text)
    path = Path(text)
    if not path.exists():
        raise InputError("does not exist", where=path, hint="Check the name.")
    if path.is_dir():
        raise InputError("is a folder", where=path, hint="Give a file.")
    kind: Kind = "file" if stat.S_ISREG(path.stat().st_mode) else "pipe"
    return LiveSource(text, source_url(path), kind)


def camera(which: str, size: tuple[int, int] | None = None, rate: int | None = None) -> LiveSource:
    """A camera by its number or its system's name for it.

    Args:
        which: "0" for the first, or "/dev/video2", or a name that `cameras` tells.
        size: (width, height) to ask for; the camera gives the nearest that it can.
        rate: frames a second to ask for.

    Raises:
        InputError: there is no such camera.
        SettingsError: this system's cameras are not known here.
    """
    options = {} if rate is None else {"framerate": str(rate)}
    if size is not None:
        options["video_size"] = f"{size[0]}x{size[1]}"
    name = f"camera {which}"
    if sys.platform.startswith("linux"):
        device = Path(f"/dev/video{which}" if which.isdecimal() else which)
        if not device.exists():
            raise _no_camera(name)
        return LiveSource(name, str(device), "camera", "v4l2", options)
    if sys.platform == "darwin":
        return LiveSource(name, f"{which}:none", "camera", "avfoundation", options)
    if sys.platform == "win32":
        names = cameras()
        if which.isdecimal() and int(which) >= len(names):
            raise _no_camera(name)
        device_name = names[int(which)] if which.isdecimal() else which
        return LiveSource(name, f"video={device_name}", "camera", "dshow", options)
    raise SettingsError(f"are not known on {sys.platform}", where="cameras", hint="Give --input.")


def cameras() -> list[str]:
    """The cameras of this machine, in the order of their numbers."""
    if sys.platform.startswith("linux"):
        devices = Path("/dev").glob("video[0-9]*")
        return [
            f"{device} {_linux_name(device)}".strip()
            for device in sorted(devices, key=lambda device: int(device.name.removeprefix("video")))
        ]
    import av.device

    kind = {"darwin": "avfoundation", "win32": "dshow"}.get(sys.platform)
    if kind is None:
        return []
    found = av.device.enumerate_input_devices(kind)
    return [device.description for device in found if "video" in device.media_types]


def _linux_name(device: Path) -> str:
    name = Path("/sys/class/video4linux") / device.name / "name"
    return name.read_text().strip() if name.exists() else ""


def _no_camera(name: str) -> InputError:
    return InputError(
        "is not there", where=name, hint="See vidstyle live --list-cameras, or give --input FILE."
    )


def _address(text: str) -> LiveSource:
    scheme = text.split("://", 1)[0].lower()
    if scheme not in PROTOCOLS:
        raise InputError(
            f"is an address of an unknown kind ({scheme})",
            where=shown_address(text),
            hint=f"Known are {', '.join(PROTOCOLS)}.",
        )
    options = {"protocol_whitelist": PROTOCOLS[scheme], "fflags": "nobuffer"}
    if scheme.startswith("rtsp"):
        options["rtsp_transport"] = "tcp"  # a lost datagram would smear the picture until the next keyframe
    return LiveSource(shown_address(text), text, "stream", options=options)


def shown_address(text: str, *, secret_path: bool = False) -> str:
    """An address fit for a message: without user and password; a stream's key is the end of its path."""
    parts = urlsplit(text)
    place = parts.netloc.rpartition("@")[2]
    path = parts.path.rpartition("/")[0] + "/..." if secret_path and parts.path else parts.path
    return f"{parts.scheme}://{place}{path}"
