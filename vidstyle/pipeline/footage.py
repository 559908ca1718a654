"""Frames of a clip to practise a style on: from all of it, the same for whoever paints a part."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Pixels
from vidstyle.media import Limits, Reading, SourceInfo, probe, read
from vidstyle.media.decode import PLAIN
from vidstyle.media.hardware import SOFTWARE
from vidstyle.media.limits import DEFAULT
from vidstyle.media.sequence import is_sequence
from vidstyle.pipeline.hashes import input_sha256
from vidstyle.pipeline.plan import Plan

FRAMES = 16  # with pieces of each at several scales, in several lights, more teach hardly more
# Frames of the longest clip that is read through: where keyframes are 250 frames apart, to find sixteen
# places takes as long.
THROUGH = 500


Glimpse = tuple[Pixels, ...]
"""A frame, (H, W, 3) uint8 RGB, and the one before it where there is one: lessons ask what changed."""


@dataclass(frozen=True)
class Footage:
    """A clip whose frames a style is practised on.

    They depend on the clip and on how it is read alone, not on the stretch of it that is painted.

    Attributes:
        path: of the clip.
        size: (height, width) of its frames, pixels.
        reading: how they are taken; by software, since no two decoders need agree to the last bit.
        limits: what the clip may ask for.
    """

    path: Path
    size: tuple[int, int]
    reading: Reading = PLAIN
    limits: Limits = DEFAULT

    def key(self) -> str:
        """16 hex digits that tell its frames from those of other footage."""
        marks = (input_sha256(self.path), self.size, self.reading.alpha, self.reading.hdr)
        return sha256(repr(marks).encode()).hexdigest()[:16]

    def glimpses(self) -> list[Glimpse]:
        """`FRAMES` of them or all that there are; none where none can be read.

        Raises:
            InputError: there is no such clip.
        """
        info = probe(self.path, self.limits, self.reading.rate)
        count = info.frames_between() or 0
        every = max(1, count // FRAMES)
        if count > THROUGH or is_sequence(self.path):  # of pictures, none but those is read
            found = self._sought(info)
            if len(found) > FRAMES // 2:
                return found
            every = 1  # it is shorter than it tells
        kept = spread(islice(with_before(self._readable()), 0, None, every), 2 * FRAMES - 1)
        if len(kept) <= FRAMES:
            return kept
        return [kept[round(place)] for place in np.linspace(0, len(kept) - 1, FRAMES)]

    def _sought(self, info: SourceInfo) -> list[Glimpse]:
        """The frames after those nearest to the beginnings of as many equal parts."""
        part, half = (info.duration or Fraction(0)) / FRAMES, 1 / (2 * info.video.rate)
        found: dict[int, Glimpse] = {}
        for number in range(FRAMES):
            start = max(Fraction(0), number * part - half)
            for seen in list(islice(with_before(self._readable(start)), 2))[-1:]:
                found[seen[0].pts] = _kept(seen)
        return list(found.values())

    def _readable(self, start: Fraction | None = None) -> Iterator[Frame]:
        """The frames from a time on, up to where the clip is damaged: painting tells, if it comes there."""
        frames = read(self.path, start=start, size=self.size, limits=self.limits, reading=self.reading)
        with suppress(InputError), closing(cast("Generator[Frame, None, None]", frames)):
            yield from frames


def footage_of(plan: Plan) -> Footage | None:
    """What the style of a render is practised on; None where it is not, or is on made-up pictures.

    A picture by itself has no footage: lessons would take longer than all else, for each picture anew.
    """
    job = plan.job
    if not job.settings.practises or (plan.source.is_picture and job.footage is None):
        return None
    reading = replace(plan.reading, decoder=SOFTWARE)
    return Footage(job.footage or job.source, plan.size, reading, job.limits)


def with_before(frames: Iterable[Frame]) -> Iterator[tuple[Frame, ...]]:
    """Each frame with the one before it; the first by itself."""
    before: tuple[Frame, ...] = ()
    for frame in frames:
        yield frame, *before
        before = (frame,)


def spread(seen: Iterable[tuple[Frame, ...]], most: int) -> list[Glimpse]:
    """Every so manieth glimpse from the first to the last: all of them, or more than half of `most`.

    How many there are need not be known, as some files tell it wrongly or not at all: once too many are
    kept, every other one goes.
    """
    kept: list[Glimpse] = []
    every = 1
    for number, frames in enumerate(seen):
        if number % every:
            continue
        kept.append(_kept(frames))
        if len(kept) > most:
            kept, every = kept[::2], 2 * every
    return kept


def _kept(frames: tuple[Frame, ...]) -> Glimpse:
    return tuple(frame.bytes() for frame in frames)


def shuffled(seen: Sequence[Glimpse], seed: int) -> Iterator[Glimpse]:
    """The glimpses, again and again, in a new order each time."""
    generator = np.random.default_rng(seed)
    while True:
        yield from (seen[number] for number in generator.permutation(len(seen)))
