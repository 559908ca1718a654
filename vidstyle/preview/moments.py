"""Which moments of a source to show: spread over its shots, found quickly however long it is."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, pairwise

from vidstyle.frames import Frame
from vidstyle.media import Reading, SourceInfo, keyframes_near, read
from vidstyle.media.sequence import is_sequence
from vidstyle.motion import is_blank, is_cut
from vidstyle.pipeline import Job

Shot = tuple[Fraction, ...]
"""Moments of one shot, in seconds after the source's start."""

SCANNED = 400_000_000
"""Pixels of the source that are decoded to find shots: a second or two; 8 s of 1920x1080 hold so many."""

SAMPLES = 48
"""Keyframes that a long stretch is judged by: each costs a seek and the decoding of one frame."""

SIDE = 128
"""Long side, in pixels, of the pictures in which cuts are looked for."""


@dataclass(frozen=True)
class Survey:
    """What a look at a stretch of a source found.

    Attributes:
        shots: in their order, by moments that show something: blank ones are left out.
        whole: every frame was looked at.
    """

    shots: tuple[Shot, ...]
    whole: bool


def survey(job: Job, source: SourceInfo) -> Survey:
    """The shots of the stretch that a job renders.

    A short stretch is looked through frame by frame. Of a long one, and of numbered pictures, samples are
    taken at even distances, and samples that show one thing are taken for one shot: what a two-hour film
    holds takes no longer to see than what a minute does.

    Raises:
        InputError: the source cannot be read.
    """
    if source.is_picture:
        return Survey(((Fraction(0),),), whole=True)
    height, width = source.video.height, source.video.width
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    most = max(1, SCANNED // (height * width))
    frames = source.frames_between(job.start, job.duration)
    if frames is not None and frames > (SAMPLES if is_sequence(job.source) else most):
        sampled = _runs(_samples(job, source, size))
        if sampled:
            return Survey(sampled, whole=False)
    with closing(_read(job, size)) as whole:  # or its beginning, where its length is not known
        seen = ((frame.seconds - source.start, frame) for frame in islice(whole, most))
        return Survey(_runs(seen), whole=frames is not None and frames <= most)


def spread(shots: Sequence[Shot], count: int) -> list[Fraction]:
    """So many moments, each in the middle of as long a piece as there is; fewer where the source is short.

    With more shots than moments, each comes from the longest of as many neighbouring shots; with fewer,
    every shot is shown, and long ones more often, by the method of highest averages.
    """
    if not shots:
        return []
    if len(shots) >= count:
        ends = [len(shots) * number // count for number in range(count + 1)]
        shown = [(max(shots[a:b], key=len), 1) for a, b in pairwise(ends)]
    else:
        given = [1] * len(shots)
        for _ in range(count - len(shots)):
            given[max(range(len(shots)), key=lambda n: len(shots[n]) / (given[n] + 1))] += 1
        shown = list(zip(shots, given, strict=True))
    chosen = (
        shot[(2 * part + 1) * len(shot) // (2 * parts)] for shot, parts in shown for part in range(parts)
    )
    return sorted(set(chosen))


def _samples(job: Job, source: SourceInfo, size: tuple[int, int]) -> Iterator[tuple[Fraction, Frame]]:
    """Moments at even distances, each moved to a keyframe where one is near, and what is seen there."""
    begin = job.start or Fraction(0)
    length = (source.duration or Fraction(0)) - begin
    length = length if job.duration is None else min(length, job.duration)
    moments = [begin + length * (2 * number + 1) / (2 * SAMPLES) for number in range(SAMPLES)]
    if is_sequence(job.source):
        for moment in moments:
            with closing(_read(replace(job, start=moment, duration=None), size)) as frames:
                frame = next(frames)
            yield frame.seconds, frame
        return
    last = begin
    for moment, frame in keyframes_near(job.source, moments, size, job.limits):
        there = frame.seconds - source.start
        last = there if there > last else moment
        yield last, frame


def _read(job: Job, size: tuple[int, int]) -> Generator[Frame, None, None]:
    yield from read(
        job.source,
        start=job.start,
        duration=job.duration,
        size=size,
        limits=job.limits,
        reading=Reading(rate=job.rate),
    )


def _runs(seen: Iterable[tuple[Fraction, Frame]]) -> tuple[Shot, ...]:
    """The moments of each run of frames without a cut; blank ones only where there are no others."""
    shots: list[list[tuple[Fraction, bool]]] = []
    previous: Frame | None = None
    for moment, frame in seen:
        if previous is None or is_cut(previous, frame):
            shots.append([])
        shots[-1].append((moment, is_blank(frame)))
        previous = frame
    bright = (tuple(moment for moment, blank in shot if not blank) for shot in shots)
    return tuple(filter(None, bright)) or tuple(tuple(moment for moment, _ in shot) for shot in shots)
