"""`vidstyle.stylize`: the command's work in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

from vidstyle.media import DecoderChoice, Encoding, HdrChoice, Limits
from vidstyle.pipeline.compare import Comparison
from vidstyle.pipeline.events import Event, Finished
from vidstyle.pipeline.job import Job, MaskFile, Size, StyleFile
from vidstyle.pipeline.render import render
from vidstyle.pipeline.schedule_file import read_schedule
from vidstyle.presets import preset
from vidstyle.schedule import Schedule

FileName = str | PathLike[str]
Styles = FileName | Sequence[FileName] | Mapping[FileName, float]


def stylize(
    source: FileName,
    styles: Styles | None,
    output: FileName,
    *,
    masks: Mapping[FileName, FileName | None] | None = None,
    quality: str = "standard",
    size: Size | None = None,
    start: float | Fraction | None = None,
    duration: float | Fraction | None = None,
    encoding: Encoding | None = None,
    limits: Limits | None = None,
    rate: float | Fraction | None = None,
    hdr: HdrChoice = "keep",
    decoder: DecoderChoice = "software",
    compare: Comparison | None = None,
    schedule: FileName | Schedule | None = None,
    overwrite: bool = False,
    restart: bool = False,
    progress: Callable[[Event], None] | None = None,
    **settings: Any,
) -> Finished:
    """Paint a video, or a picture, in the style of pictures.

    A call that was stopped, in whatever way, goes on where it was when it is made again.

    Example:
        vidstyle.stylize("in.mp4", "style.jpg", "out.mp4")
        vidstyle.stylize("in.mp4", {"ink.png": 2, "oil.jpg": 1}, "out.mp4", quality="draft", size=640)
        vidstyle.stylize("in.mp4", "ink.png", "out.mp4", masks={"person.mp4": "oil.jpg", "cat.png": None})

    Args:
        source: a video or picture.
        styles: a picture, several of equal weight, or several with their weights; None leaves what no
            mask covers as it is.
        output: the file to make; its suffix chooses the container.
        masks: a picture or video for each part of the picture that is painted in another style: what is
            white belongs to it, grey in part. With the picture of that style, or None to leave the part
            as it is. Later masks lie above earlier ones.
        quality: "live", "draft", "standard", "high", or the name of a preset of your own.
        size: long side in pixels, or (width, height); None keeps the source's.
        start: seconds after the source's start to begin at.
        duration: seconds to render.
        encoding: how the output is compressed; H.264 by default.
        limits: what the source and the styles may ask for.
        rate: pictures per second of numbered pictures; 25 if not given.
        hdr: "keep" high dynamic range as it is, or "tonemap" it to a plain video.
        decoder: decodes the source: "software", "auto", "cuda", "videotoolbox", "vaapi", "d3d11va" or "qsv";
            software where it does not open, which a `Notice` tells.
        compare: show the source too: "side" by side, or left of a line: "split", "wipe".
        schedule: keyframes of settings that change along the clip, or a TOML file of them.
        overwrite: replace an existing output.
        restart: drop what a stopped call left, and begin anew.
        progress: called with each event.
        settings: any field of `Settings`, such as strength=0.6 or seed=1.

    Raises:
        VidstyleError: see `render`.
    """
    files = style_files(styles)
    if isinstance(schedule, (str, PathLike)):
        schedule = read_schedule(Path(schedule), styles=len(files), quality=preset(quality).quality)
    job = Job(
        source=Path(source),
        styles=files,
        output=Path(output),
        settings=preset(quality, schedule=schedule, **settings),
        encoding=encoding or Encoding(),
        limits=limits or Limits(),
        rate=_exact(rate),
        hdr=hdr,
        decoder=decoder,
        compare=compare,
        masks=tuple(
            MaskFile(Path(mask), None if style is None else Path(style))
            for mask, style in (masks or {}).items()
        ),
        size=size,
        start=_exact(start),
        duration=_exact(duration),
        overwrite=overwrite,
        restart=restart,
    )
    with closing(render(job)) as events:
        for event in events:
            if progress is not None:
                progress(event)
            if isinstance(event, Finished):
                finished = event
    return finished


def style_files(styles: Styles | None) -> tuple[StyleFile, ...]:
    """The styles of a call, as a job holds them."""
    if styles is None:
        return ()
    if isinstance(styles, Mapping):
        return tuple(StyleFile(Path(path), weight) for path, weight in styles.items())
    names = [styles] if isinstance(styles, (str, PathLike)) else styles
    return tuple(StyleFile(Path(path)) for path in names)


def _exact(number: float | Fraction | None) -> Fraction | None:
    """The number that was meant: 0.1 is a tenth, not the nearest binary number."""
    return None if number is None else Fraction(str(number))
