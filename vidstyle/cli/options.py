"""The options of `vidstyle stylize`: names, types and help texts, in the order of --help."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from vidstyle.cli.codecs import list_codecs
from vidstyle.errors import SettingsError
from vidstyle.settings import (
    FeatureChoice,
    PrecisionChoice,
    Quality,
    Settings,
    SolverChoice,
    StyleStatistics,
)
from vidstyle.written import read_time

LOOK, SHARE, WORK, FILE, RUN = "The look", "What of the source", "The work", "The output file", "The run"
LIMITS = "Limits on sources and styles"

Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="A video or a picture; - is standard input; frame_%04d.png, a glob or a folder many pictures.",
        show_default=False,
    ),
]
Styles = Annotated[
    list[Path],
    typer.Argument(
        metavar="STYLE", help="Pictures to take the style from; several are mixed.", show_default=False
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where the result goes; - is standard output.",
        show_default=False,
    ),
]

QualityOption = Annotated[
    Quality, typer.Option("--quality", "-q", help="How much work each frame gets.", rich_help_panel=LOOK)
]
StyleWeights = Annotated[
    str | None,
    typer.Option(
        metavar="W,W...",
        help="Share of each style in the mixture, in their order: 0.7,0.3. Equal if not given.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help=f"From the source (0) to the full style (1). Default {Settings.strength:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
StyleSize = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Height of the style picture as a share of the output's height: smaller, finer strokes. "
        f"Default {Settings.style_size:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
KeepColors = Annotated[
    bool, typer.Option("--keep-colors", help="Keep the source's colours.", rich_help_panel=LOOK)
]
ContentWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Pull towards the source's content. Default {Settings.content_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
StyleWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Pull towards the style. Default {Settings.style_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
TemporalWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Pull towards the previous frame, moved along. Default {Settings.temporal_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
SmoothnessWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Weight of the total variation. Default {Settings.smoothness_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Boil = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="Let strokes wobble from frame to frame, as drawn by hand. Default 0: they stand still.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Hold = Annotated[
    int | None,
    typer.Option(
        metavar="FRAMES",
        help="Show each drawing for so many frames: 2 draws on twos. Default 1.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Loop = Annotated[
    bool,
    typer.Option(
        "--loop",
        help="Let the last second's strokes turn into the first frame's, for clips that loop.",
        rich_help_panel=LOOK,
    ),
]
StyleLoss = Annotated[
    StyleStatistics | None,
    typer.Option(
        help=f"What of the style is matched: means and covariances, or Gram matrices. "
        f"Default {Settings.style_loss}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]

Steady = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="How much the live quality holds the last picture, moved along, against flicker. "
        f"Default {Settings.steady:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A live network of your own (vidstyle train), for --quality live. If it was made for one "
        "style, it paints in that one.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]

SizeOption = Annotated[
    str | None,
    typer.Option(
        metavar="PIXELS|WxH",
        help="The long side in pixels, or width x height. Default: the source's.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Begin here: seconds or h:mm:ss.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Duration = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Take no more than this: seconds or h:mm:ss.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]

Steps = Annotated[
    int | None,
    typer.Option(
        metavar="STEPS",
        help="Most steps for each frame after the first of a shot. Default: by quality.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Solver = Annotated[
    SolverChoice | None,
    typer.Option(
        help=f"How the picture is optimised. Default {Settings.solver}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Features = Annotated[
    FeatureChoice | None,
    typer.Option(
        help=f"The perceptual network. vgg19 is fetched once (548 MB). Default {Settings.features}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="VGG-19's weights, with --features vgg19: safetensors or a PyTorch state dict.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        metavar="auto|cpu|cuda|mps",
        help=f"Where to compute; cuda:1 is the second GPU. Default {Settings.device}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Precision = Annotated[
    PrecisionChoice | None,
    typer.Option(
        help=f"Arithmetic of the network. Default {Settings.precision}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help=f"Seed of everything random. Default {Settings.seed}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]

Codec = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Video codec or encoder, as FFmpeg names it. Default: vp9 in .webm, else h264.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
ListCodecs = Annotated[
    bool,
    typer.Option(
        "--list-codecs",
        callback=list_codecs,
        is_eager=True,
        help="Say which codecs open on this machine, and end.",
        rich_help_panel=FILE,
    ),
]
Hdr = Annotated[
    str,
    typer.Option(
        metavar="keep|tonemap",
        help="HDR stays as it is, or is mapped to a plain video.",
        rich_help_panel=FILE,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        metavar="SUFFIX",
        help="With -o -: the container, such as mkv, y4m or gif. Default mkv.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
Rate = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Pictures per second of numbered pictures: 24, 30000/1001. Default 25.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Crf = Annotated[
    int | None,
    typer.Option(
        "--crf",
        metavar="NUMBER",
        help="Constant quality of the encoder: lower is better and larger. Default: the encoder's.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
EncoderPreset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="The encoder's speed, such as fast or slow for h264. Default: the encoder's.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
PixFmt = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Pixel format, such as yuv420p or yuv444p. Default: what players can show.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
EncoderOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--encoder-option",
        "-x",
        metavar="KEY=VALUE",
        help="Any other option of the encoder; may be repeated.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]

MaxPixels = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Most pixels of a picture or frame. Default 67 million, twice 8K video.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]
MaxDuration = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Longest stretch that is read. Default 24 hours.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]
MaxStreams = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Most streams in a file. Default 256.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]
MaxErrorRate = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="Share of a damaged video's packets that may fail to decode; the others are used. Default 0.1.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]

Overwrite = Annotated[
    bool, typer.Option("--overwrite", "-y", help="Replace the output if it exists.", rich_help_panel=RUN)
]
Restart = Annotated[
    bool,
    typer.Option(
        "--restart", help="Begin anew instead of going on from a run that was stopped.", rich_help_panel=RUN
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Each event as a JSON object a line on standard output.", rich_help_panel=RUN
    ),
]


def picture_rate(text: str | None) -> Fraction | None:
    """ "24", "23.976", "30000/1001".

    Raises:
        SettingsError: it is no number.
    """
    if text is None:
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise SettingsError(f"is {text!r}", where="--rate", hint="Give a number, or 30000/1001.") from error


def limits(
    max_pixels: int | None, max_duration: str | None, max_streams: int | None, max_error_rate: float | None
) -> dict[str, int | float | Fraction]:
    """Those limits that were given, by their names in `Limits`.

    Raises:
        SettingsError: the duration is not a time.
    """
    given = {
        "max_pixels": max_pixels,
        "max_duration": read_time(max_duration, "--max-duration"),
        "max_streams": max_streams,
        "max_error_rate": max_error_rate,
    }
    return {name: value for name, value in given.items() if value is not None}
