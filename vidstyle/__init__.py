"""Paint any video in the style of any picture.

`stylize` does what the command does; `stylize_frames` paints any iterator of pictures. Everything
here is imported when it is first used, so that `import vidstyle` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vidstyle.batch.stills import stylize_pictures
    from vidstyle.errors import (
        BatchError,
        DeviceError,
        InputError,
        InterruptedRender,
        OutputError,
        SettingsError,
        VidstyleError,
        WeightsError,
    )
    from vidstyle.frames import Frame, Motion
    from vidstyle.media import Encoding, Limits, VideoShape, VideoWriter, read, read_picture
    from vidstyle.motion import track
    from vidstyle.pipeline.api import stylize
    from vidstyle.pipeline.frames_api import stylize_frames
    from vidstyle.pipeline.schedule_file import read_schedule
    from vidstyle.presets import preset
    from vidstyle.schedule import Keyframe, Schedule
    from vidstyle.settings import Settings
    from vidstyle.synthesis.optimiser import OptimisingStylizer
    from vidstyle.synthesis.stylizer import StylePicture, Stylizer

    __version__: str

_HOMES = {
    "vidstyle.batch.stills": ("stylize_pictures",),
    "vidstyle.errors": (
        "BatchError",
        "DeviceError",
        "InputError",
        "InterruptedRender",
        "OutputError",
        "SettingsError",
        "VidstyleError",
        "WeightsError",
    ),
    "vidstyle.frames": ("Frame", "Motion"),
    "vidstyle.media": ("Encoding", "Limits", "VideoShape", "VideoWriter", "read", "read_picture"),
    "vidstyle.motion": ("track",),
    "vidstyle.pipeline.api": ("stylize",),
    "vidstyle.pipeline.frames_api": ("stylize_frames",),
    "vidstyle.pipeline.schedule_file": ("read_schedule",),
    "vidstyle.schedule": ("Keyframe", "Schedule"),
    "vidstyle.presets": ("preset",),
    "vidstyle.settings": ("Settings",),
    "vidstyle.synthesis.optimiser": ("OptimisingStylizer",),
    "vidstyle.synthesis.stylizer": ("StylePicture", "Stylizer"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BatchError",
    "DeviceError",
    "Encoding",
    "Frame",
    "InputError",
    "InterruptedRender",
    "Keyframe",
    "Limits",
    "Motion",
    "OptimisingStylizer",
    "OutputError",
    "Schedule",
    "Settings",
    "SettingsError",
    "StylePicture",
    "Stylizer",
    "VideoShape",
    "VideoWriter",
    "VidstyleError",
    "WeightsError",
    "__version__",
    "preset",
    "read",
    "read_picture",
    "read_schedule",
    "stylize",
    "stylize_frames",
    "stylize_pictures",
    "track",
]


def __getattr__(name: str) -> Any:
    """Import a public name from the room that it lives in (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("vidstyle")
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, whether imported yet or not."""
    return sorted({*globals(), *__all__})
