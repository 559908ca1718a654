"""The packets of streams, past damage in the container."""

from __future__ import annotations

from collections.abc import Iterator

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

# A demuxer that fails this often in a row stands still.
_STANDS_STILL = 100


def demuxed(container: InputContainer, *streams: Stream) -> Iterator[Packet[Stream] | None]:
    """The packets of some streams of an opened file; None for each stretch that cannot be read."""
    failures = 0
    while failures < _STANDS_STILL:
        try:
            for packet in container.demux(*streams):
                failures = 0
                yield packet
            return
        except MemoryError:  # one of FFmpeg's errors too, and not about the file
            raise
        except av.FFmpegError:
            failures += 1
            yield None
