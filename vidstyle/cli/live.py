"""`vidstyle live`: a camera, a stream or a file, painted as it comes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vidstyle.cli.live_show import KEYS, Show, free_name, say, show
from vidstyle.cli.options import live as stream
from vidstyle.cli.options import look, run, work
from vidstyle.errors import OutputError, SettingsError
from vidstyle.settings import Settings
from vidstyle.written import read_size

if TYPE_CHECKING:
    from vidstyle.live.stylizer import LiveStylizer
    from vidstyle.media import VideoShape
    from vidstyle.media.live_source import LiveSource
    from vidstyle.pipeline.job import Size as AskedSize
    from vidstyle.pipeline.live import LiveSession
    from vidstyle.pipeline.outlet import MakeSink, Outlet, Sink


@dataclass
class _Ways:
    """The ways out that were asked for, checked."""

    sinks: dict[str, MakeSink] = field(default_factory=dict)
    record: Path | None = None
    recordings: list[Path] = field(default_factory=list)

    def recorder(self, path: Path) -> MakeSink:
        """Makes a recording: the first under this very name, the next ones beside it."""
        from vidstyle.media.recording import Recording

        def make(shape: VideoShape) -> Sink:
            name = free_name(path) if path in self.recordings else path
            self.recordings.append(name)
            return Recording(name, shape)

        return make


def live(
    styles: stream.Styles = None,
    camera: stream.Camera = "0",
    input: stream.Input = None,
    size: stream.Size = None,
    fps: stream.Fps = None,
    retry: stream.Retry = 60.0,
    list_cameras: stream.ListCameras = False,
    record: stream.Record = None,
    output: stream.Output = None,
    virtual_camera: stream.VirtualCamera = False,
    no_window: stream.NoWindow = False,
    strength: look.Strength = None,
    style_size: look.StyleSize = None,
    keep_colors: look.KeepColors = None,
    steady: look.Steady = None,
    practice: look.Practice = None,
    model: look.Model = None,
    device: work.Device = None,
    precision: work.Precision = None,
    overwrite: run.Overwrite = False,
) -> None:
    """Paint a camera, a stream or a file in real time.

    In the window: q ends, n and p change the style; docs/live.md tells the other keys.
    """
    if list_cameras:
        _list_cameras()
        return
    if not styles and model is None:
        raise SettingsError("names no picture", where="STYLE", hint="Give at least one, or --model FILE.")
    if no_window and not (record or output or virtual_camera):
        raise SettingsError(
            "leaves nothing to be seen",
            where="--no-window",
            hint="Add --record, --output or --virtual-camera.",
        )
    settings = Settings.preset(
        "live",
        strength=strength,
        style_size=style_size,
        keep_colors=keep_colors,
        steady=steady,
        practice=practice,
        model=model,
        device=device,
        precision=precision,
    )
    asked = read_size(size)
    if not no_window:
        from vidstyle.cli.window import check_display

        check_display()
    source = _source(input, camera, asked, fps)
    ways = _ways(record, output, virtual_camera=virtual_camera, overwrite=overwrite)
    patient = practice is not None  # a picture begins at once, unless lessons were asked for
    _run(source, styles or [], settings, ways, asked, fps, retry, window=not no_window, patient=patient)


def _list_cameras() -> None:
    from vidstyle.media.live_source import cameras

    found = cameras()
    for number, name in enumerate(found):
        typer.echo(f"{number}  {name}")
    if not found:
        say("no camera found")


def _source(input: str | None, which: str, asked: AskedSize | None, fps: int | None) -> LiveSource:
    from vidstyle.media.live_source import camera, source_of

    if input is not None:
        return source_of(input)
    return camera(which, asked if isinstance(asked, tuple) else None, fps)


def _ways(record: Path | None, output: str | None, *, virtual_camera: bool, overwrite: bool) -> _Ways:
    from vidstyle.media.recording import check_recording
    from vidstyle.media.streaming import StreamWriter, check_address, is_address
    from vidstyle.media.virtual_camera import VirtualCamera, check_virtual_camera

    ways = _Ways()
    files = {"record": record}
    if output is not None and is_address(output):
        check_address(output)
        ways.sinks["output"] = lambda shape: StreamWriter(output, shape)
    elif output is not None:
        files["output"] = Path(output)
    if virtual_camera:
        check_virtual_camera()
        ways.sinks["virtual camera"] = VirtualCamera
    for name, path in files.items():
        if path is None:
            continue
        check_recording(path, 32, 32)
        if path.exists() and not overwrite:
            raise OutputError("exists already", where=path, hint="Add -y to replace it, or name another.")
        if not path.absolute().parent.is_dir():
            raise OutputError("its folder does not exist", where=path, hint=f"Create {path.parent} first.")
        if name == "output":
            ways.sinks[name] = ways.recorder(path)
    ways.record = record
    return ways


def _run(
    source: LiveSource,
    styles: list[Path],
    settings: Settings,
    ways: _Ways,
    asked: AskedSize | None,
    fps: int | None,
    retry: float,
    *,
    window: bool,
    patient: bool,
) -> None:
    from vidstyle.live.style import LiveStyle
    from vidstyle.live.stylizer import LiveStylizer
    from vidstyle.media import read_picture
    from vidstyle.pipeline.live import LiveSession
    from vidstyle.pipeline.painter import live_painter
    from vidstyle.pipeline.passing import in_passing
    from vidstyle.pipeline.style_book import StyleBook
    from vidstyle.synthesis.stylizer import StylePicture

    pictures = [StylePicture(read_picture(path).pixels) for path in styles]
    stylizer = in_passing(lambda: live_painter(pictures[:1], settings, patient=patient).stylizer)
    if not isinstance(stylizer, LiveStylizer):
        raise TypeError("the live quality is painted by the live stylizer")
    own = stylizer.painter.own_style
    if own is None and not pictures:
        raise SettingsError(
            "was made for any style and needs one", where=settings.model or "--model", hint="Add a STYLE."
        )
    pages: list[StylePicture | LiveStyle] = [*([] if own is None else [own]), *pictures]

    def start_recording() -> Outlet:
        path = ways.record or free_name(Path(time.strftime("vidstyle-%Y%m%d-%H%M%S.mkv")))
        return session.send_to("record", ways.recorder(path))

    session = LiveSession(
        source,
        stylizer,
        size=lambda whole: _size_told(whole, asked, stylizer),
        most_rate=fps,
        retry=retry,
    )
    for name, make in ways.sinks.items():
        session.send_to(name, make)
    shown = Show(session, stylizer, start_recording)
    if ways.record is not None:
        shown.recording = start_recording()
    say(f"painting {source.name}" + (f"; {KEYS}" if window else "; Ctrl-C ends"))
    try:
        with session:
            show(shown, lambda rows: StyleBook(stylizer, pages, rows), window=window)
    finally:
        _sum_up(session, ways)


def _size_told(whole: tuple[int, int], asked: AskedSize | None, stylizer: LiveStylizer) -> tuple[int, int]:
    """(height, width) to paint a source of that size at; a word where the machine makes it smaller."""
    import torch

    from vidstyle.pipeline.real_time import longest_side
    from vidstyle.pipeline.sizes import live_size

    most = longest_side(stylizer.device, stylizer.painter.dtype, torch.get_num_threads())
    height, width = live_size(whole, asked, most)
    if asked is None and max(whole) > most:
        say(f"at {width}x{height}, about what this machine paints in real time; --size WxH takes another")
    return height, width


def _sum_up(session: LiveSession, ways: _Ways) -> None:
    counts = session.tally.counts()
    if counts.painted:
        rate = counts.painted / max(counts.seconds, 1e-3)
        text = f"{counts.painted} frames in {counts.seconds:.1f} s ({rate:.1f} a second)"
        text += f", {counts.dropped} dropped"
        if counts.latency is not None and counts.latency_p95 is not None:
            text += (
                f", latency {1e3 * counts.latency:.0f} ms, 95th percentile {1e3 * counts.latency_p95:.0f} ms"
            )
        say(text)
    for path in ways.recordings:
        if path.exists():
            say(f"recorded {path}")
