"""What of a job can be painted apart: its shots, or the stretches of a long one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from vidstyle.batch.fleet_orders import Scanned
from vidstyle.batch.split import OVERLAP, joints
from vidstyle.pipeline import Job
from vidstyle.pipeline.segments import Place, Shelf


@dataclass(frozen=True)
class HeadPart:
    """The frames of an overlap, painted for the stretch that begins there.

    Attributes:
        first: index of the first.
    """

    first: int
    frames: int = OVERLAP


@dataclass(frozen=True)
class ShotPart:
    """Frames of one shot that go into segments.

    Attributes:
        number: of the first segment.
        first: index of the first frame.
        frames: how many.
        follows: the head that the first frame follows from; None where a shot begins.
        fades: the head that the last frames fade over into; None where the shot ends.
    """

    number: int
    first: int
    frames: int
    follows: HeadPart | None = None
    fades: HeadPart | None = None

    @property
    def end(self) -> int:
        """Index of the frame after the last."""
        return self.first + self.frames


Part = HeadPart | ShotPart


def parts_of(scanned: Scanned, job: Job) -> Iterator[ShotPart]:
    """The parts of a job, in order; together they hold each frame once."""
    number = 0
    for first, end in zip(scanned.begins, (*scanned.begins[1:], len(scanned.pts)), strict=True):
        heads = [HeadPart(first + joint) for joint in joints(end - first, job.split)]
        # A stretch keeps the overlap at its end, and gives the one at its beginning to the stretch before.
        edges = [first, *(head.first + head.frames for head in heads), end]
        for begin, until, follows, fades in zip(
            edges, edges[1:], [None, *heads], [*heads, None], strict=False
        ):
            yield ShotPart(number, begin, until - begin, follows, fades)
            number += -(-(until - begin) // job.segment_frames)


def place_at(scanned: Scanned, number: int, index: int, carry: str | None) -> Place:
    """Where painting can begin.

    Args:
        scanned: tells the times.
        number: of the segment that begins there.
        index: of the frame.
        carry: sha256 of what it starts from; None where a shot begins.
    """
    before: Fraction | None = None if index == 0 else scanned.pts[index - 1] * scanned.time_base
    return Place(number, index, before, carry)


def gap(shelf: Shelf, part: ShotPart, start: Place, length: int) -> tuple[Place, int] | None:
    """The first frames of a part that no segment holds.

    Args:
        shelf: holds the segments.
        part: some of them.
        start: where it begins.
        length: most frames of a segment.

    Returns:
        Where they begin, and how many they are up to the next segment, fit or not, or the part's end;
        None if there are none.
    """
    place = shelf.skip(start)
    if place.index >= part.end:
        return None
    number, end = place.number + 1, min(place.index + length, part.end)
    while end < part.end and shelf.get(number) is None:
        number, end = number + 1, min(end + length, part.end)
    return place, end - place.index
