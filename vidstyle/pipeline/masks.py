"""The masks of a job: checked before the first frame, laid on each frame by its time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from fractions import Fraction

from vidstyle.frames import Frame
from vidstyle.media import DecodeFaults, Mask, SourceInfo, probe, read_picture
from vidstyle.pipeline.hashes import input_sha256
from vidstyle.pipeline.job import Job
from vidstyle.synthesis.stylizer import StylePicture

EARLY = Fraction(1, 10)
"""Seconds by which a mask may end before its clip without a word: durations are told no better."""

STRETCHED = 0.01
"""By how much a mask's proportions may differ without a word: rounded sizes differ by as much."""


def mask_styles(job: Job) -> tuple[StylePicture, ...]:
    """The styles under the masks, read, each for its region.

    Raises:
        InputError: one is missing, or no picture.
    """
    return tuple(
        StylePicture(read_picture(mask.style, job.limits).pixels, region=region)
        for region, mask in enumerate(job.masks, 1)
        if mask.style is not None
    )


def mask_notices(job: Job, source: SourceInfo) -> Iterator[str]:
    """What the user should know of the masks, a sentence each.

    Raises:
        InputError: a mask is missing, holds no picture, or is past one of the limits.
    """
    whole = source.video
    end = _length(source)
    if end is not None and job.duration is not None:
        end = min(end, (job.start or 0) + job.duration)
    for mask in job.masks:
        info = probe(mask.path, job.limits, whole.rate)
        if abs(_proportions(info) / _proportions(source) - 1) > STRETCHED:
            yield (
                f"{mask.path} has other proportions than {job.source}, and is stretched over it "
                f"({info.video.width}x{info.video.height}, {whole.width}x{whole.height})."
            )
        length = _length(info)
        if length is not None and end is not None and length + EARLY < end:
            yield f"{mask.path} ends at {float(length):.2f} s: its last frame is held to the end."


def _proportions(info: SourceInfo) -> Fraction:
    """Width to height as it is seen, whatever the shape of its pixels."""
    return info.video.sample_aspect_ratio * info.video.width / info.video.height


def _length(info: SourceInfo) -> Fraction | None:
    """Seconds of picture; None where unknown, and of a still."""
    if info.is_picture or info.video.frames is None:
        return None
    return info.video.frames / info.video.rate


def mask_identity(job: Job) -> list[list[str | None]]:
    """What of the masks frames depend on: sha256 of each mask and of the style under it."""
    return [
        [input_sha256(mask.path), None if mask.style is None else input_sha256(mask.style)]
        for mask in job.masks
    ]


def masked(
    frames: Iterable[Frame],
    job: Job,
    source: SourceInfo,
    size: tuple[int, int],
    *,
    since: Fraction = Fraction(0),
    faults: DecodeFaults | None = None,
) -> Generator[Frame, None, None]:
    """The frames of a job's source with its masks, as they are at each frame's time.

    Args:
        frames: at their times on the source's clock.
        job: whose masks.
        source: what the source holds.
        size: (height, width) of the frames.
        since: seconds after the source's start, the first frame's or before.
        faults: filled in with what is wrong with the masks.

    Raises:
        InputError: a mask cannot be read.
    """
    found = DecodeFaults() if faults is None else faults
    with ExitStack() as open_masks:
        masks = [
            open_masks.enter_context(
                closing(
                    Mask(
                        mask.path,
                        size,
                        since=since,
                        rate=source.video.rate,
                        limits=job.limits,
                        faults=found.masks.setdefault(str(mask.path), DecodeFaults()),
                    )
                )
            )
            for mask in job.masks
        ]
        for frame in frames:
            time = frame.seconds - source.start
            yield replace(frame, masks=tuple(mask.at(time) for mask in masks))
