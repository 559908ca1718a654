"""Plots of a report over time, by matplotlib: an extra, imported when a plot is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vidstyle.errors import SettingsError
from vidstyle.quality.report import Report
from vidstyle.quality.worst import SHOWN, Moment

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SOURCE_COLOR = "0.6"  # grey: what stands beside
WIDTH, PLOT_HEIGHT = 12.0, 2.3  # inches, of the figure and of a row of plots
DPI = 100
TITLES = ("source", "stylized", "stylized, the frame before")

# What each plot draws: its title, the fields of FrameScores with their labels, and whether its axis
# is logarithmic, as errors go over orders of magnitude. A field's grey companion is `<field>_source`.
PLOTS: tuple[tuple[str, dict[str, str], bool], ...] = (
    ("warping error to the frame before", {"warping": "stylized"}, True),
    ("warping error over a gap", {"long_term": "10 frames", "from_first": "first of the shot"}, True),
    ("style and content distance", {"style": "style", "content": "content"}, False),
    ("just revealed", {"revealed": "style over alone (1 is ideal)", "ghost": "ghost (0 is ideal)"}, False),
    ("sharpness, gradient energy", {"sharpness": "stylized"}, False),
)


def need_matplotlib() -> None:
    """Make sure that plots can be drawn, before minutes are spent on what they show.

    Raises:
        SettingsError: matplotlib is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "needs matplotlib, which is not installed",
            where="--report",
            hint='Install the extra: pip install "vidstyle[report]". A .json report does without.',
        ) from error


def plot_png(report: Report, moments: Sequence[Moment] = ()) -> bytes:
    """The measures over time as one PNG; below them, where given, the worst frames side by side.

    Raises:
        SettingsError: matplotlib is not installed.
    """
    need_matplotlib()
    from matplotlib.figure import Figure

    # A row of pictures is as high as a third of the width is, at the pictures' proportions.
    heights = [3 * PLOT_HEIGHT]
    heights += [WIDTH / 3 * m.source.shape[0] / m.source.shape[1] + 0.45 for m in moments]
    # The figure alone, without pyplot: no window, no state, no display needed.
    figure = Figure(figsize=(WIDTH, sum(heights)), dpi=DPI, layout="constrained")
    parts = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    axes = parts[0].subplots(3, 2).ravel()
    for axis, (title, fields, logarithmic) in zip(axes, PLOTS, strict=False):
        _plot(axis, report, title, fields, logarithmic=logarithmic)
    _plot_colors(axes[-1], report)
    for part, moment in zip(parts[1:], moments, strict=True):
        part.suptitle(f"worst {SHOWN[moment.measure]}: {moment.value:.4g}, frame {moment.index}", fontsize=10)
        pictures = (moment.source, moment.stylized, moment.previous)
        for axis, title, picture in zip(part.subplots(1, 3), TITLES, pictures, strict=True):
            axis.set_axis_off()
            if picture is not None:
                axis.imshow(picture)
                axis.set_title(title, fontsize=8)
    return _png(figure)


def _plot(axis: Axes, report: Report, title: str, fields: dict[str, str], *, logarithmic: bool) -> None:
    for number, (field, label) in enumerate(fields.items()):
        if hasattr(report.frames[0], f"{field}_source"):
            name = "source" if len(fields) == 1 else f"source, {label}"
            style = "-" if number == 0 else "--"
            _line(axis, report, f"{field}_source", name, SOURCE_COLOR, style)
        _line(axis, report, field, label, f"C{number}")
    _finish(axis, report, title)
    # Where nothing was measured, or all of it is exactly 0, there is no logarithm to draw.
    if logarithmic and any(value > 0 for line in axis.get_lines() for value in np.asarray(line.get_ydata())):
        axis.set_yscale("log")


def _plot_colors(axis: Axes, report: Report) -> None:
    at = [frame.index for frame in report.frames]
    for channel, color in enumerate(("tab:red", "tab:green", "tab:blue")):
        axis.plot(at, [frame.color[channel] for frame in report.frames], color=color)
        there = [frame.color_source[channel] for frame in report.frames]
        axis.plot(at, there, color=color, linestyle=":", linewidth=1)
    _finish(axis, report, "mean red, green and blue (dotted: source)")


def _line(axis: Axes, report: Report, field: str, label: str, color: str, style: str = "-") -> None:
    """The frames where a measure was taken, joined; a cut breaks the line."""
    for number, shot in enumerate(report.shots):
        taken = [
            (frame.index, getattr(frame, field))
            for frame in report.frames
            if frame.shot == shot.shot and math.isfinite(getattr(frame, field))
        ]
        # A point a measure where there are few: a single one makes no line.
        marker = "." if len(taken) <= 30 else ""
        x, y = [index for index, _ in taken], [value for _, value in taken]
        axis.plot(x, y, color=color, linestyle=style, marker=marker, label=label if number == 0 else None)


def _finish(axis: Axes, report: Report, title: str) -> None:
    axis.set_title(title, fontsize=9, loc="left")
    axis.tick_params(labelsize=7)
    axis.grid(alpha=0.25)
    axis.set_xlim(report.frames[0].index - 0.5, report.frames[-1].index + 0.5)
    for shot in report.shots[1:]:
        axis.axvline(shot.first - 0.5, color="0.4", linewidth=0.8)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=7, framealpha=0.6)


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
