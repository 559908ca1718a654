"""The packets of streams, past damage in the container, with the times that they are meant to have."""

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
    # AVI tells no times but a frame's place, of which FFmpeg makes one frame more for H.264 and HEVC.
    counted = container.format.name == "avi"
    while failures < _STANDS_STILL:
        try:
            for packet in container.demux(*streams):
                failures = 0
                if counted and packet.stream.type == "video" and not _reorders(packet.stream):
                    packet.pts = packet.dts
                yield packet
            return
        except MemoryError:  # one of FFmpeg's errors too, and not about the file
            raise
        except av.FFmpegError:
            failures += 1
            yield None


def _reorders(stream: Stream) -> bool:
    """Whether frames are shown in another order than they are decoded in."""
    return bool(stream.codec_context is not None and stream.codec_context.has_b_frames)  # type: ignore[attr-defined]
