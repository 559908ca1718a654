"""What is measured of each frame, as the frames come by."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from vidstyle.errors import InputError
from vidstyle.features import FeatureNetwork
from vidstyle.frames import Frame, Motion
from vidstyle.motion.warp import Interpolation
from vidstyle.quality.ghost import ghosting
from vidstyle.quality.revealed import LEAST_SHARE, Revealed, revealed_ratio
from vidstyle.quality.sharpness import gradient_energy
from vidstyle.quality.style import (
    Moments,
    at_height,
    content_distance,
    style_distance,
    style_moments,
    taps_of,
)
from vidstyle.quality.warping import motion_across, warping_error
from vidstyle.synthesis.stylizer import StylePicture

Map = npt.NDArray[np.float32]
Across = Callable[[Frame, Frame], Motion]

LONG_TERM = 10  # frames back


@dataclass(frozen=True)
class FrameScores:
    """Measures of one frame; NaN where one does not apply or was not taken.

    Attributes:
        index: the frame's position in the stream.
        shot: number of its shot, from 0.
        warping: warping error against the frame before, `warping_source` that of the source.
        warping_sharp: the same by a sharp warp, which takes off no fine strokes; `warping_sharp_source`.
        long_term: the first against 10 frames before; `long_term_source` of the source.
        from_first: the same against the first frame of the shot; `from_first_source` of the source.
        style: style distance of the whole frame; `style_alone` of the same frame stylized alone.
        content: content distance to the source frame.
        revealed: style distance in newly revealed areas, over that of the same areas stylized alone.
        ghost: opacity of what has gone from the newly revealed areas.
        sharpness: gradient energy; `sharpness_source` that of the source.
        color: mean RGB; `color_source` that of the source.
    """

    index: int
    shot: int
    warping: float = math.nan
    warping_source: float = math.nan
    warping_sharp: float = math.nan
    warping_sharp_source: float = math.nan
    long_term: float = math.nan
    long_term_source: float = math.nan
    from_first: float = math.nan
    from_first_source: float = math.nan
    style: float = math.nan
    style_alone: float = math.nan
    content: float = math.nan
    revealed: float = math.nan
    ghost: float = math.nan
    sharpness: float = math.nan
    sharpness_source: float = math.nan
    color: tuple[float, float, float] = (math.nan,) * 3
    color_source: tuple[float, float, float] = (math.nan,) * 3


@dataclass(frozen=True, eq=False)
class Pair:
    """A source frame and its stylized picture, (H, W, 3) float32 in 0..1."""

    frame: Frame
    source: Map
    pixels: Map


@dataclass(eq=False)
class _Shot:
    """What is remembered of the shot under way: its first frame and the last few."""

    number: int
    revealed: Revealed
    recent: deque[Pair] = field(default_factory=lambda: deque(maxlen=LONG_TERM))
    first: Pair | None = None
    length: int = 0

    def add(self, pair: Pair) -> None:
        self.first = self.first or pair
        self.recent.append(pair)
        self.length += 1


@dataclass(frozen=True, eq=False)
class Judge:
    """How frames are judged.

    Attributes:
        network: the features; `load_vgg19(..., plan=SCORING)` for the scores of the literature.
        styles: the pictures whose style was asked for, with their weights.
        style_size: height of a style picture as a share of the frame's, as in `Settings`.
        alone: stylizes a frame without any other (a Stylizer's `start`); None leaves `revealed` and
            `style_alone` out.
        every: style, content and long-term errors are taken at every so many frames of a shot.
        alone_every: those are taken at every so many frames of a shot, as stylizing alone takes long.
        across: motion from a frame back to an earlier one; exact where the source knows it.
    """

    network: FeatureNetwork
    styles: Sequence[StylePicture]
    style_size: float = 1.0
    alone: Callable[[Frame], Frame] | None = None
    every: int = 1
    alone_every: int = 10
    across: Across = motion_across

    def style_at(self, height: int) -> tuple[Moments, ...]:
        """What the styles measure beside frames of this height."""
        least = self.network.smallest_side
        pictures = [
            (at_height(Frame(s.pixels).floats(), height * self.style_size, least), s.weight)
            for s in self.styles
        ]
        return style_moments(pictures, self.network)


def score_frames(
    stylized: Iterable[Frame], source: Iterable[tuple[Frame, Motion]], judge: Judge
) -> Iterator[FrameScores]:
    """Measures of each stylized frame, as it comes; memory holds a dozen frames.

    Args:
        stylized: the result.
        source: what it was made from, at the same size, with its motion (`motion.track`).
        judge: how to judge.

    Raises:
        InputError: the two streams differ in size or length.
    """
    shot: _Shot | None = None
    style: tuple[Moments, ...] = ()
    for frame, picture, motion in _side_by_side(stylized, source):
        pair = Pair(frame, frame.floats(), picture.floats())
        if shot is None or motion.cut or shot.recent[-1].source.shape != pair.source.shape:
            shot = _Shot(0 if shot is None else shot.number + 1, Revealed.none(frame.height, frame.width))
            style = judge.style_at(frame.height)
        else:
            last = shot.recent[-1]
            shot.revealed = shot.revealed.after(motion, last.pixels, last.source, pair.source)
        yield FrameScores(
            index=frame.index,
            shot=shot.number,
            ghost=ghosting(pair.pixels, pair.source, shot.revealed),
            sharpness=gradient_energy(pair.pixels),
            sharpness_source=gradient_energy(pair.source),
            color=_mean_color(pair.pixels),
            color_source=_mean_color(pair.source),
            **_steadiness(pair, shot, motion, judge),
            **_appearance(pair, shot, style, judge),
        )
        shot.add(pair)


def _steadiness(pair: Pair, shot: _Shot, motion: Motion, judge: Judge) -> dict[str, float]:
    """The warping errors, short and long, of the picture and of its source."""
    scores: dict[str, float] = {}

    def compare(name: str, earlier: Pair, moved: Motion, way: Interpolation = "linear") -> None:
        scores[name] = warping_error(pair.pixels, earlier.pixels, moved, interpolation=way)
        scores[f"{name}_source"] = warping_error(pair.source, earlier.source, moved, interpolation=way)

    if shot.recent:
        compare("warping", shot.recent[-1], motion)
        compare("warping_sharp", shot.recent[-1], motion, "lanczos")
    if shot.length % judge.every == 0 and shot.first is not None:
        if shot.length > 1:
            compare("from_first", shot.first, judge.across(pair.frame, shot.first.frame))
        if shot.length >= LONG_TERM:
            compare("long_term", shot.recent[0], judge.across(pair.frame, shot.recent[0].frame))
    return scores


def _appearance(pair: Pair, shot: _Shot, style: tuple[Moments, ...], judge: Judge) -> dict[str, float]:
    """Style and content distance, and the style of what was just revealed."""
    scores: dict[str, float] = {}
    recent = shot.revealed.recent
    beside = judge.alone if shot.length % judge.alone_every == 0 and recent.mean() >= LEAST_SHARE else None
    if shot.length % judge.every and beside is None:
        return scores
    taps = taps_of(pair.pixels, judge.network)
    scores["style"] = style_distance(taps, style, judge.network)
    scores["content"] = content_distance(taps, taps_of(pair.source, judge.network), judge.network)
    if beside is not None:
        alone = taps_of(beside(pair.frame).floats(), judge.network)
        scores["style_alone"] = style_distance(alone, style, judge.network)
        scores["revealed"] = revealed_ratio(taps, alone, style, judge.network, recent)
    return scores


def _side_by_side(
    stylized: Iterable[Frame], source: Iterable[tuple[Frame, Motion]]
) -> Iterator[tuple[Frame, Frame, Motion]]:
    """Frames of the source with their stylized pictures and motions, checked to belong together."""
    for number, (picture, moved) in enumerate(zip_longest(stylized, source)):
        if picture is None or moved is None:
            longer = "source" if picture is None else "result"
            raise InputError(
                f"the {longer} goes on after {number} frames, where the other ends",
                hint="Compare a result with the very stretch of the source that it was made from.",
            )
        frame, motion = moved
        if frame.pixels.shape != picture.pixels.shape:
            raise InputError(
                f"a source of {frame.width}x{frame.height} cannot be compared with a result of "
                f"{picture.width}x{picture.height}",
                hint="Read the source at the result's size.",
            )
        yield frame, picture, motion


def _mean_color(pixels: Map) -> tuple[float, float, float]:
    red, green, blue = pixels.mean(axis=(0, 1), dtype=np.float64)
    return float(red), float(green), float(blue)
