"""`vidstyle info`: what a file holds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli.plain import as_json, print_json, printable

if TYPE_CHECKING:
    from vidstyle.media import SourceInfo, StreamInfo, VideoInfo

# Tags by which MP4 tells its own make-up: nothing that anyone asks for.
INNER = {"major_brand", "minor_version", "compatible_brands"}


def info(
    file: Annotated[Path, typer.Argument(help="A video or a picture.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")] = False,
) -> None:
    """Show what FILE holds: picture, sound, times, colours."""
    from vidstyle.media import probe

    source = probe(file)
    if json:
        print_json(as_json(source))
    else:
        for line in describe(source):
            typer.echo(printable(line))


def describe(source: SourceInfo) -> list[str]:
    """Lines for people: one for the file, one a stream, and what the file says of itself."""
    lines = [f"{source.path}: {_kind(source)}", f"  video     {_video(source.video, source.is_picture)}"]
    lines += [f"  {stream.kind:<9} {_stream(stream)}" for stream in (*source.audio, *source.others)]
    told = sorted((key, text) for key, text in source.metadata.items() if key not in INNER)
    # Long texts, such as the record that `vidstyle reproduce` reads, are for --json.
    lines += [f"  {key:<9} {text if len(text) <= 100 else text[:97] + '...'}" for key, text in told]
    return lines


def _kind(source: SourceInfo) -> str:
    if source.is_picture:
        return "picture"
    length = "length unknown" if source.duration is None else f"{float(source.duration):.3f} s"
    return f"{source.container}, {length}"


def _video(video: VideoInfo, is_picture: bool) -> str:
    colors = video.colors
    guess = " (assumed)" if colors.assumed else ""
    parts = [video.codec, f"{video.width}x{video.height}"]
    if not is_picture:
        parts.append(
            f"{_short(video.rate)} fps" + ("" if video.frames is None else f", {video.frames} frames")
        )
    parts.append(f"{video.pix_fmt} ({video.bit_depth} bits)")
    parts.append(f"{colors.matrix} {colors.range}{guess}")
    parts.append(f"primaries {colors.primaries_name}, transfer {colors.transfer_name}")
    if video.sample_aspect_ratio != 1:
        ratio = video.sample_aspect_ratio
        parts.append(f"pixels {ratio.numerator}:{ratio.denominator}")
    if video.rotation:
        parts.append(f"turned by {video.rotation} degrees")
    if video.flipped:
        parts.append("mirrored")
    return ", ".join(parts)


def _stream(stream: StreamInfo) -> str:
    known = [stream.codec, stream.details, stream.language if stream.language != "und" else ""]
    return ", ".join(part for part in known if part) or "unknown"


def _short(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
