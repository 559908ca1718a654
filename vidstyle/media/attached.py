"""What hangs on a file beside its streams in time: cover art, fonts and other attachments."""

from __future__ import annotations

from collections.abc import Iterator

from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import AttachmentStream, Disposition, Stream
from av.video.stream import VideoStream

from vidstyle.media.kept_tags import kept_tags

_TYPES = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png"), "bmp": ("bmp", "image/bmp")}


def add_attached(
    container: OutputContainer, original: InputContainer, source: Stream
) -> Iterator[Packet[Stream]]:
    """Add cover art or an attachment to the output, and give the packets that are still to be written."""
    matroska = container.format.name == "matroska"
    if isinstance(source, AttachmentStream):
        made = container.add_attachment(source.name or "attachment", _mime_type(source), source.data or b"")
        made.metadata.update(kept_tags(source.metadata))
        return iter(())
    picture = _picture(original, source)
    if matroska and isinstance(source, VideoStream):
        ending, mime_type = _TYPES[source.codec_context.codec.canonical_name]
        container.add_attachment(
            source.metadata.get("filename") or f"cover.{ending}", mime_type, bytes(picture)
        )
        return iter(())
    target = container.add_stream_from_template(source)
    target.metadata.update(kept_tags(source.metadata))
    target.disposition = Disposition.attached_pic
    picture.pts = picture.dts = 0
    picture.stream = target
    return iter((picture,))


def can_attach(stream: Stream, kind: str) -> bool:
    """Whether a container has a place for cover art (`stream` is a video), or for an attachment."""
    if isinstance(stream, AttachmentStream):
        return kind == "matroska"
    codec = "" if stream.codec_context is None else stream.codec_context.codec.canonical_name
    return codec in _TYPES and kind in ("mp4", "matroska")


def _mime_type(source: AttachmentStream) -> str:
    return source.mimetype or "application/octet-stream"


def _picture(original: InputContainer, source: Stream) -> Packet[Stream]:
    original.seek(0)
    for packet in original.demux(source):
        if packet.size:
            original.seek(0)
            return packet
    raise ValueError(f"stream {source.index} holds no picture")
