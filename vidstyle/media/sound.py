"""Sound converted for a container that cannot hold the source's own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from vidstyle.media.demuxing import demuxed
from vidstyle.media.kept_tags import stream_tags
from vidstyle.media.limits import Limits
from vidstyle.media.opening import opened
from vidstyle.media.tracks import SOUND_CODECS

_BITS_PER_CHANNEL = 96_000  # no difference from the source is heard, for AAC and Opus alike
_OPUS_RATE = 48_000  # the one rate that every Opus player has
_USUAL = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_GAP = 0.1  # seconds of silence in the timestamps before it is taken for a real gap, not for rounding


def add_conversion(container: OutputContainer, source: AudioStream, kind: str) -> AudioStream:
    """Add a sound stream to the output, encoded as its players expect, with the source's tags and role."""
    codec = SOUND_CODECS[kind]
    stream = container.add_stream(
        codec, rate=_OPUS_RATE if codec == "libopus" else source.codec_context.sample_rate
    )
    if not isinstance(stream, AudioStream):
        raise TypeError(f"{codec} is no sound codec")
    channels = source.codec_context.layout.nb_channels
    # Opus maps surround layouts in its own way, and refuses the others.
    few = codec == "libopus" and channels > 2
    stream.codec_context.layout = "stereo" if few else _layout(source)
    stream.codec_context.bit_rate = _BITS_PER_CHANNEL * stream.codec_context.layout.nb_channels
    stream.codec_context.time_base = Fraction(1, stream.codec_context.sample_rate)
    stream.metadata.update(stream_tags(source.metadata, kind))
    stream.disposition = source.disposition
    return stream


def _layout(source: AudioStream) -> str:
    """Name of the source's channel layout; where it tells only how many there are, as AVI does, the usual."""
    layout = source.codec_context.layout
    return layout.name if "channels" not in layout.name else _USUAL.get(layout.nb_channels, layout.name)


def converted_packets(
    path: Path,
    index: int,
    target: AudioStream,
    begin: Fraction,
    end: Fraction | None,
    limits: Limits,
) -> Iterator[Packet[Stream]]:
    """Encoded packets of the source's sound stream `index`, cut to the sample; `begin` becomes 0.

    Args:
        path: the source.
        index: of the sound stream in it.
        target: the output's stream, its encoder open.
        begin: seconds of the source that become 0.
        end: seconds of the source at which the sound ends; None: with the source.
        limits: of the source.
    """
    size = target.codec_context.frame_size or 1024
    fifo: AudioFifo | None = None
    for frame in _samples(_resampled(path, index, target, limits), target, begin, end):
        if fifo is None:
            fifo = AudioFifo()
        fifo.write(frame)
        for whole in fifo.read_many(size):
            yield from target.encode(whole)
    rest = None if fifo is None else fifo.read(0, partial=True)
    if rest is not None:
        yield from target.encode(rest)
    yield from target.encode(None)


def _samples(
    resampled: Iterator[AudioFrame], target: AudioStream, begin: Fraction, end: Fraction | None
) -> Iterator[AudioFrame]:
    """The wanted samples in the encoder's format, without a gap, pts counted in samples from `begin`."""
    rate = target.codec_context.sample_rate
    position: int | None = None
    last = None if end is None else round((end - begin) * rate)
    for frame in resampled:
        if frame.pts is None or not frame.time_base:
            continue
        first = round((frame.pts * frame.time_base - begin) * rate)
        values: npt.NDArray[Any] = frame.to_ndarray()
        planar = frame.format.is_planar
        samples = values if planar else values.reshape(-1, frame.layout.nb_channels).T
        if position is None:
            position = min(0, first)  # silence keeps the place of what starts late: a queue begins at 0
        if first - position > _GAP * rate or position == 0 < first:
            until = first if last is None else min(first, last)
            yield from _silence(samples[:, :1], frame, rate, max(0, position), until)
            position = first
        first = position  # rounding of timestamps must not tear the sound
        start = max(0, -first)
        stop = samples.shape[1] if last is None else min(samples.shape[1], last - first)
        position = first + samples.shape[1]
        if start >= stop:
            continue
        cut = samples[:, start:stop]
        yield _frame_of(cut, frame, rate, first + start)


def _silence(
    sample: npt.NDArray[Any], like: AudioFrame, rate: int, position: int, until: int
) -> Iterator[AudioFrame]:
    """Silence from one sample's place to another's, a second at a time: a damaged time can be hours away."""
    while position < until:
        length = min(rate, until - position)
        yield _frame_of(sample.repeat(length, axis=1) * 0, like, rate, position)
        position += length


def _frame_of(samples: npt.NDArray[Any], like: AudioFrame, rate: int, pts: int) -> AudioFrame:
    """(channels, N) samples as a frame in the format of another."""
    packed = samples if like.format.is_planar else samples.T.reshape(1, -1)
    made = AudioFrame.from_ndarray(
        np.ascontiguousarray(packed), format=like.format.name, layout=like.layout.name
    )
    made.sample_rate, made.time_base, made.pts = rate, Fraction(1, rate), pts
    return made


def _resampled(path: Path, index: int, target: AudioStream, limits: Limits) -> Iterator[AudioFrame]:
    context = target.codec_context
    resampler = AudioResampler(format=context.format, layout=context.layout, rate=context.sample_rate)
    with opened(path, limits) as container:
        for packet in demuxed(container, container.streams[index]):
            try:
                frames = [] if packet is None else packet.decode()
                for frame in frames:
                    if isinstance(frame, AudioFrame):
                        yield from resampler.resample(frame)
            except MemoryError:
                raise
            except (av.FFmpegError, ValueError):
                # A damaged packet is silence for its own length; so is one whose layout the resampler
                # refuses: it may not change in the middle.
                continue
    yield from resampler.resample(None)
