"""Closed segments of one video, joined by packet copy into one stream with exact times."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet
from av.stream import Stream

from vidstyle.errors import InputError
from vidstyle.media.limits import OWN
from vidstyle.media.opening import main_video, opened

_START_ANEW = "Render it anew."


@dataclass(frozen=True, eq=False)
class Joined:
    """What the segments hold together.

    Attributes:
        paths: the segments, in order.
        time_base: seconds per tick of their pts.
        pts: of every frame, in order of presentation.
        delay: frames by which decoding runs ahead of presentation.
        rate: frames per second.
        last: ticks for which the last frame stands; None: as long as the others do on average.
    """

    paths: tuple[Path, ...]
    time_base: Fraction
    pts: array[int]
    delay: int
    rate: Fraction
    last: int | None = None

    @property
    def first(self) -> Fraction:
        """Seconds of the first frame."""
        return self.pts[0] * self.time_base

    def decode_time(self, position: int) -> int:
        """dts of the packet at `position` in decode order: never after its pts, strictly increasing.

        The encoders' own dts overlap where segments of a variable frame rate meet.
        """
        if position >= self.delay:
            return self.pts[position - self.delay]
        # No further ahead than the last frames are apart: the one decoded last would have no time left.
        mean = (self.pts[-1] - self.pts[0]) // max(1, len(self.pts) - 1)
        least = (self.pts[-1] - self.pts[-1 - self.delay]) // self.delay
        step = max(1, min(mean, least))
        return self.pts[0] - (self.delay - position) * step

    def length(self, place: int) -> int:
        """Ticks for which the frame at `place` in order of presentation stands."""
        if place + 1 < len(self.pts):
            return self.pts[place + 1] - self.pts[place]
        return self.last or max(1, round(1 / (self.rate * self.time_base)))

    @property
    def rest(self) -> int:
        """Ticks after the last dts, so that there are as many from the first dts on as there are of film."""
        count = len(self.pts)
        film = self.pts[-1] + self.length(count - 1) - self.pts[0]
        return max(1, film - (self.decode_time(count - 1) - self.decode_time(0)))


def join(segments: Sequence[Path]) -> Joined:
    """Read the times of all segments, and check that they can be one stream.

    Raises:
        InputError: none given, one unreadable, of other encoder settings, or not after the one before.
    """
    pts: array[int] = array("q")
    delay, first = 0, None
    for path in segments:
        with opened(path, OWN) as container:
            stream = main_video(container, path, OWN)
            context = stream.codec_context
            kind = (context.extradata, stream.time_base, context.width, context.height, context.pix_fmt)
            if first is None:
                first, rate = kind, stream.average_rate or Fraction(25)
            if kind != first:
                raise InputError("was encoded with other settings", where=path, hint=_START_ANEW)
            coded = _times(container.demux(stream), path)
        ordered = sorted(coded)
        delay = max(delay, _delay(coded, ordered))
        if (pts and ordered[0] <= pts[-1]) or len(set(ordered)) < len(ordered):
            raise InputError("overlaps the segment before it", where=path, hint=_START_ANEW)
        pts.extend(ordered)
    if first is None or not first[1]:
        raise InputError("no segments to join", hint="Render at least one frame.")
    return Joined(tuple(segments), first[1], pts, delay, rate)


def joined_packets(
    joined: Joined, target: Stream, begin: Fraction, *, by_decoding: bool = False
) -> Iterator[Packet[Stream]]:
    """The packets of all segments in decode order for the stream `target`; `begin` (seconds) becomes 0.

    Args:
        joined: the segments.
        target: the output's stream.
        begin: seconds that become 0.
        by_decoding: the container counts durations from dts to dts, as MP4 does, so that the packet decoded
            last, not the one shown last, decides how long the film is.
    """
    shift = round(begin / joined.time_base)
    places = {pts: place for place, pts in enumerate(joined.pts)}
    position = 0
    for path in joined.paths:
        with opened(path, OWN) as container:
            for packet in container.demux(main_video(container, path, OWN)):
                if packet.size == 0 or packet.pts is None:
                    continue
                packet.duration = joined.length(places[packet.pts])
                packet.dts = joined.decode_time(position) - shift
                packet.pts -= shift
                packet.stream = target  # type: ignore[assignment]
                position += 1
                if by_decoding and position == len(joined.pts):
                    packet.duration = joined.rest
                yield packet  # type: ignore[misc]


def _times(packets: Iterator[Packet[av.VideoStream]], path: Path) -> list[int]:
    try:
        times = [packet.pts for packet in packets if packet.size]
    except av.FFmpegError as error:
        raise InputError("is damaged", where=path, hint=_START_ANEW) from error
    known = [time for time in times if time is not None]
    if not known or len(known) != len(times):
        raise InputError("holds no frames, or frames without times", where=path, hint=_START_ANEW)
    return known


def _delay(coded: Sequence[int], ordered: Sequence[int]) -> int:
    """The fewest frames by which dts must run ahead, so that no packet is decoded after it is shown."""
    places = {pts: place for place, pts in enumerate(ordered)}
    return max(position - places[pts] for position, pts in enumerate(coded))
