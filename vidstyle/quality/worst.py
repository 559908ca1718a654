"""The worst frames of a clip, kept to be looked at: source, stylized, and the stylized frame before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Motion
from vidstyle.quality.scores import FrameScores, Judge, score_frames

Bytes = npt.NDArray[np.uint8]

# What is worth a look, by field of FrameScores; of each, the highest is the worst.
SHOWN = {
    "warping": "warping error to the frame before",
    "long_term": "warping error to 10 frames before",
    "revealed": "style in revealed areas, over that of the frame alone",
    "ghost": "ghost, its opacity",
    "style": "style distance",
}


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame with what it was made from and what came before.

    Attributes:
        measure: the field of `FrameScores` that is highest here.
        index: of the frame in the stream.
        value: of the measure.
        source: (H, W, 3) uint8.
        stylized: (H, W, 3) uint8.
        previous: (H, W, 3) uint8, the stylized frame before; None for the first.
    """

    measure: str
    index: int
    value: float
    source: Bytes
    stylized: Bytes
    previous: Bytes | None


class Worst:
    """Looks on while frames are scored, and keeps the pictures of the worst: memory does not grow.

    worst = Worst()
    report = Report.of(judge, worst.watching(stylized, source, judge))
    worst.moments
    """

    def __init__(self) -> None:
        self._worst: dict[str, Moment] = {}
        self._source: Frame | None = None
        self._stylized: Frame | None = None
        self._previous: Frame | None = None

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The worst frame of each measure that was taken, in the order of `SHOWN`."""
        return tuple(self._worst[measure] for measure in SHOWN if measure in self._worst)

    def watching(
        self, stylized: Iterable[Frame], source: Iterable[tuple[Frame, Motion]], judge: Judge
    ) -> Iterator[FrameScores]:
        """`score_frames`, with an eye on what passes."""
        for scores in score_frames(self._pictures(stylized), self._frames(source), judge):
            self._keep(scores)
            yield scores

    # `score_frames` takes one frame from each stream for each score that it gives: when a score
    # comes, the last of each stream are its own.
    def _pictures(self, stylized: Iterable[Frame]) -> Iterator[Frame]:
        for frame in stylized:
            self._previous, self._stylized = self._stylized, frame
            yield frame

    def _frames(self, source: Iterable[tuple[Frame, Motion]]) -> Iterator[tuple[Frame, Motion]]:
        for frame, motion in source:
            self._source = frame
            yield frame, motion

    def _keep(self, scores: FrameScores) -> None:
        if self._source is None or self._stylized is None:
            return
        for measure in SHOWN:
            value, worst = float(getattr(scores, measure)), self._worst.get(measure)
            if math.isfinite(value) and (worst is None or value > worst.value):
                self._worst[measure] = Moment(
                    measure,
                    scores.index,
                    value,
                    self._source.bytes(),
                    self._stylized.bytes(),
                    None if self._previous is None else self._previous.bytes(),
                )
