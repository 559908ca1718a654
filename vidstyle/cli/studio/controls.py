"""The controls of the page: what can be chosen, in words for people who have not read a manual."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from vidstyle.cli.studio.choices import Choices, Upload
from vidstyle.cli.studio.drops import clip_drop, picture_drop
from vidstyle.cli.studio.moments import Opened
from vidstyle.media import Limits
from vidstyle.settings import Settings

QUALITIES = [
    ("Live: at once, rough", "live"),
    ("Draft: quick", "draft"),
    ("Standard", "standard"),
    ("High: slow, finest", "high"),
]
SIZES = [
    ("As the clip", ""),
    *((f"{pixels} pixels", str(pixels)) for pixels in (320, 480, 640, 960, 1280, 1920)),
]
SUFFIXES = [(".mp4", ".mp4"), (".mov", ".mov"), (".mkv", ".mkv"), (".webm", ".webm"), (".gif", ".gif")]
CODECS = [
    ("Fits the file", "auto"),
    *(("H.264", "h264"), ("HEVC", "hevc"), ("AV1", "av1"), ("VP9", "vp9")),
    *(("ProRes", "prores"), ("FFV1, lossless", "ffv1")),
]


@dataclass(frozen=True)
class Controls:
    """The page's inputs, in the order in which handlers get their values."""

    clip: gr.File
    style: gr.Image
    second: gr.Image
    share: gr.Slider
    quality: gr.Radio
    strength: gr.Slider
    style_size: gr.Slider
    keep_colors: gr.Checkbox
    size: gr.Dropdown
    begin: gr.Slider
    end: gr.Slider
    suffix: gr.Dropdown
    codec: gr.Dropdown
    crf: gr.Number
    content_weight: gr.Number
    style_weight: gr.Number
    temporal_weight: gr.Number
    seed: gr.Number

    def all(self) -> list[Any]:
        """The components, in order."""
        return [getattr(self, field.name) for field in fields(self)]


def chosen(values: tuple[Any, ...], limits: Limits, clip: Opened | None) -> Choices:
    """What the controls say; a number that was cleared is its default.

    Args:
        values: of `Controls.all`, in their order.
        limits: what clips and styles may ask for.
        clip: what was found in the clip; a range that ends at its end ends with it.
    """
    given: dict[str, Any] = dict(zip((field.name for field in fields(Controls)), values, strict=True))
    styles: list[Upload | None] = [given.pop("style"), given.pop("second")]
    numbers = ("content_weight", "style_weight", "temporal_weight", "seed")
    given |= {name: getattr(Settings, name) for name in numbers if given[name] is None}
    given["end"] = given["end"] if clip is not None and given["end"] < clip.seconds else None
    given["still"] = clip is not None and clip.source.is_picture
    return Choices(**given, styles=tuple(style for style in styles if style is not None), limits=limits)


def clip() -> gr.File:
    """Where the clip is dropped."""
    return clip_drop(label="1 · Clip: a video, or a picture", height=150, elem_id="clip")


def styles() -> dict[str, Any]:
    """Where styles are dropped, by their names in `Controls`."""
    style = picture_drop(label="2 · Style: a picture", height=190, elem_id="style")
    with gr.Accordion("A second style, mixed in", open=False):
        second = picture_drop(label="Second style", height=160, elem_id="second")
        share = gr.Slider(0, 1, 0.5, step=0.05, label="Share of the first style", buttons=[], elem_id="share")
    return {"style": style, "second": second, "share": share}


def look() -> dict[str, Any]:
    """The settings that matter most, by their names in `Controls`."""
    return {
        "quality": gr.Radio(QUALITIES, value="draft", label="Quality", elem_id="quality"),
        "strength": gr.Slider(
            *(0, 1, Settings.strength),
            step=0.05,
            label="Strength",
            info="0 leaves the clip as it is",
            buttons=[],
            elem_id="strength",
        ),
        "style_size": gr.Slider(
            *(0.25, 2, Settings.style_size),
            step=0.05,
            label="Size of the strokes",
            info="less: finer strokes",
            buttons=[],
            elem_id="style_size",
        ),
        "keep_colors": gr.Checkbox(label="Keep the clip's colours", elem_id="keep_colors"),
        "size": gr.Dropdown(
            SIZES,
            value="",
            label="Size of the picture",
            info="its long side, or width x height; smaller is faster",
            allow_custom_value=True,
            elem_id="size",
        ),
    }


def finer() -> dict[str, Any]:
    """The settings that few need, by their names in `Controls`."""
    weights = {
        "content_weight": ("Content weight", Settings.content_weight, "more: the clip stays recognisable"),
        "style_weight": ("Style weight", Settings.style_weight, "more: bolder strokes"),
        "temporal_weight": ("Temporal weight", Settings.temporal_weight, "more: strokes hold still"),
    }
    with gr.Row():
        made: dict[str, Any] = {
            name: gr.Number(value, label=label, info=info, step=0.1, min_width=130, elem_id=name)
            for name, (label, value, info) in weights.items()
        }
        made["seed"] = gr.Number(
            Settings.seed, label="Seed", info="other strokes", precision=0, min_width=130, elem_id="seed"
        )
    with gr.Row():
        made["suffix"] = gr.Dropdown(SUFFIXES, value=".mp4", label="File", min_width=130, elem_id="suffix")
        made["codec"] = gr.Dropdown(CODECS, value="auto", label="Codec", min_width=130, elem_id="codec")
        made["crf"] = gr.Number(
            None, label="CRF", info="less: better, larger", precision=0, min_width=130, elem_id="crf"
        )
    return made


def span() -> dict[str, Any]:
    """From where to where the clip is rendered, by their names in `Controls`."""
    with gr.Row():
        return {
            "begin": gr.Slider(0, 1, 0, step=0.01, label="From (seconds)", buttons=[], elem_id="begin"),
            "end": gr.Slider(0, 1, 0, step=0.01, label="To (seconds)", buttons=[], elem_id="end"),
        }
