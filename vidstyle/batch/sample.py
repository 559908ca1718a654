"""A few frames of a job, to measure its work with: what moves in them decides how much there is to paint."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.batch.check import Prospect
from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media import Reading, read
from vidstyle.motion import begins_shot

FRAMES = 4  # the first of a shot, one after it, and two of a shot that is under way


def sample(prospect: Prospect) -> list[Frame]:
    """Frames that follow each other in a job's source, at the job's size; drawn ones if there are none.

    From the middle: clips begin in the dark and with titles.
    """
    begin = Fraction(prospect.job.start or 0)
    for share in (Fraction(1, 2), Fraction(1, 3), Fraction(0)):
        frames = _read(prospect, begin + share * Fraction(prospect.seconds))
        if len(frames) == FRAMES and not any(begins_shot(*pair) for pair in pairwise(frames)):
            return frames
    return drawn(prospect.size or (0, 0))


def _read(prospect: Prospect, start: Fraction) -> list[Frame]:
    job = prospect.job
    reading = Reading(hdr=job.hdr, rate=job.rate)
    try:
        frames = read(job.source, start=start, size=prospect.size, limits=job.limits, reading=reading)
        return list(islice(frames, FRAMES))
    except InputError:  # a source that cannot be read there; its own job tells it when its turn comes
        return []


def drawn(size: tuple[int, int]) -> list[Frame]:
    """Frames (height, width): clouds of colour of all sizes, that move to the left."""
    return [Frame(clouds(size, 2 * number), pts=number, index=number) for number in range(FRAMES)]


def clouds(size: tuple[int, int], shift: int = 0) -> npt.NDArray[np.uint8]:
    """(H, W, 3): clouds of colour of all sizes, moved to the left."""
    rows, columns = size[0] // 8 + 2, size[1] // 8 + 2
    noise = np.random.default_rng(0).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    large = cv2.resize(noise, (size[1] + 16, size[0]), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(large[:, shift : shift + size[1]], np.uint8)
