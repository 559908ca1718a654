"""Times of a source: whether they fit an output that knows fewer, and how long its last frame stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.packet import Packet
from av.stream import Stream

from vidstyle.errors import OutputError
from vidstyle.media.codecs import container_format
from vidstyle.media.delivery import TIMELESS
from vidstyle.media.demuxing import demuxed
from vidstyle.media.info import SourceInfo
from vidstyle.media.limits import Limits
from vidstyle.media.opening import main_video, opened
from vidstyle.media.sequence import is_pattern, is_sequence

# Players show a GIF's frames of less than 2 hundredths of a second for 10.
_SHORTEST = Fraction(2, 100)


def check_times(path: Path, output: Path, source: SourceInfo, limits: Limits) -> None:
    """Refuse an output that cannot hold the source's times; reads no more of it than its packets.

    Raises:
        OutputError: the rate varies, and the container has one; or it is above what a GIF can show.
    """
    kind = "" if is_pattern(output) else container_format(output.suffix)
    if kind in TIMELESS and not is_sequence(path) and not _constant(_times(path, limits), source.video.rate):
        raise OutputError(
            f"holds one frame rate alone, and that of {path.name} varies",
            where=output,
            hint="Use .mkv or .mp4.",
        )
    if kind == "gif" and _too_quick(path, source, limits):
        raise OutputError(
            "shows at most 50 frames a second, and the source has more",
            where=output,
            hint="Use .webm or .mp4.",
        )


def standing(path: Path, seconds: Fraction, limits: Limits) -> Fraction | None:
    """For how many seconds a source shows its frame at `seconds`; None where it does not tell.

    Screen recordings and GIFs end with frames that stand for much longer than the others.
    """
    with opened(path, limits) as container:
        video = main_video(container, path, limits)
        packets = (each for each in demuxed(container, video) if each is not None and each.pts is not None)
        first = next(packets, None)
        if first is None or not video.time_base:
            return None
        lead = 0 if first.dts is None else _pts(first) - first.dts
        with suppress(av.FFmpegError, OverflowError):  # formats without an index: from the front
            container.seek(int(seconds / video.time_base), stream=video)
        length = _length(
            packets, seconds / video.time_base, lead, mp4=container.format.name.startswith("mov")
        )
        return length * video.time_base if length > 0 else None


def _length(packets: Iterator[Packet[Stream]], shown_at: Fraction, lead: int, *, mp4: bool) -> Fraction:
    """Ticks from a frame to the next, or to the end; 0 where it is not told.

    MP4 tells its durations from dts to dts, which are `lead` ticks ahead: there the last one ends the film.
    """
    later: list[int] = []
    own = end = 0
    for packet in packets:
        pts = _pts(packet)
        decoded = pts if packet.dts is None else packet.dts
        if pts > shown_at:
            later.append(pts)
        if later and decoded >= min(later):
            break
        own = packet.duration or 0 if pts == shown_at else own
        end = decoded + (packet.duration or 0) + lead
    if later:
        return min(later) - shown_at
    return end - shown_at if mp4 else Fraction(own)


def _pts(packet: Packet[Stream]) -> int:
    return 0 if packet.pts is None else packet.pts


def _times(path: Path, limits: Limits) -> list[Fraction]:
    """Seconds of every frame, in order of presentation; none where the packets do not tell."""
    with opened(path, limits) as container:
        video = main_video(container, path, limits)
        packets = [packet for packet in container.demux(video) if packet.size]
        return sorted(p.pts * p.time_base for p in packets if p.pts is not None and p.time_base)


def _constant(times: list[Fraction], rate: Fraction) -> bool:
    """Whether frames follow each other evenly, but for rounding, and at the rate that is written."""
    if len(times) < 2:
        return True
    step = (times[-1] - times[0]) / (len(times) - 1)
    # A millisecond, to which Matroska rounds, is less than an eighth of a frame up to 125 a second.
    even = all(abs(time - times[0] - place * step) < step / 8 for place, time in enumerate(times))
    return even and abs(step * rate - 1) * len(times) < Fraction(1, 2)


def _too_quick(path: Path, source: SourceInfo, limits: Limits) -> bool:
    if is_sequence(path):
        return 1 / source.video.rate < _SHORTEST
    gaps = [later - earlier for earlier, later in pairwise(_times(path, limits))]
    # Rounding moves each time by up to half a hundredth.
    return any(gap < _SHORTEST for gap in gaps)
