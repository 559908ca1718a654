"""Everything that can be known and checked before the first frame is painted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from importlib.metadata import version
from typing import Any

from vidstyle.errors import InputError, OutputError, SettingsError
from vidstyle.media import (
    DecoderChoice,
    Delivery,
    Encoding,
    Reading,
    SourceInfo,
    VideoShape,
    check_delivery,
    check_times,
    decoder_for,
    deliver,
    is_picture_name,
    plan_streams,
    probe,
    read_picture,
)
from vidstyle.media.delivery import check_for_pictures
from vidstyle.media.sequence import is_pattern, is_sequence, there_already
from vidstyle.pipeline.compare import compared_shape
from vidstyle.pipeline.hashes import input_sha256
from vidstyle.pipeline.job import Job
from vidstyle.pipeline.masks import mask_identity, mask_notices, mask_styles
from vidstyle.pipeline.memory import telling_out_of_memory
from vidstyle.pipeline.output import check_output
from vidstyle.pipeline.shape import shape_of
from vidstyle.pipeline.state import Identity, check_fit, folder_of, published, unfinished
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture


@dataclass(frozen=True, eq=False)
class Plan:
    """How a job will be done.

    Attributes:
        job: what was asked for.
        source: what the source holds.
        styles: the style pictures, read, those under masks last.
        shape: size, times and colours of the frames that are painted.
        frames: how many there will be; an estimate, None where unknown.
        notices: what the user should know, a sentence each.
        identity: what the frames depend on, but for the stylizer's weights.
        delivery: how the output is written; None for a picture.
        decoder: decodes the source.
    """

    job: Job
    source: SourceInfo
    styles: tuple[StylePicture, ...]
    shape: VideoShape
    frames: int | None
    notices: tuple[str, ...]
    identity: Identity
    delivery: Delivery | None = None
    decoder: DecoderChoice = "software"

    @property
    def settings(self) -> Settings:
        """The job's settings, the times of a schedule on the clock of the source's frames."""
        settings = self.job.settings
        if settings.schedule is None:
            return settings
        return replace(settings, schedule=settings.schedule.since(self.source.start))

    @property
    def reading(self) -> Reading:
        """How the source's pictures are taken."""
        alpha = self.delivery is not None and self.delivery.alpha
        return Reading(alpha, self.job.hdr, self.job.rate, self.decoder)

    @property
    def begin(self) -> Fraction:
        """Seconds on the source's own clock at which the render begins."""
        return self.source.start + (self.job.start or 0)

    @property
    def segments(self) -> Encoding:
        """What the segments are encoded in."""
        return self.job.encoding if self.delivery is None else self.delivery.segments

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the frames that are painted, pixels."""
        return self.shape.height, self.shape.width

    @property
    def written(self) -> VideoShape:
        """Size, times and colours of the output's frames: `compare` may show more than what is painted."""
        return compared_shape(self.shape, self.job.compare)

    @property
    def written_size(self) -> tuple[int, int]:
        """(height, width) of the output, pixels."""
        return self.written.height, self.written.width


def plan(job: Job) -> Plan:
    """Check a job, all of it, and work out how it will be done; writes nothing.

    Raises:
        InputError: the source, a style, a mask or the footage is missing, or not what it should be.
        SettingsError: a setting, size, time or codec that cannot be used.
        OutputError: the output exists, is an input, cannot be written, or an unfinished render
            with other settings lies beside it.
        DeviceError: no memory for it.
    """
    with telling_out_of_memory(job.source):
        return _plan(job)


def _plan(job: Job) -> Plan:
    check_output(job)
    planned = sketch(job)
    identity = identity_of(job, planned.shape, planned.delivery)
    _check_state(job, identity)
    return replace(planned, identity=identity)


def sketch(job: Job) -> Plan:
    """A plan without its identity: nothing is read whole, and nothing looked at where the output will be.

    Raises:
        InputError, SettingsError, OutputError, DeviceError: as `plan`.
    """
    source = probe(job.source, job.limits, job.rate)
    _check_kinds(job, source)
    if job.footage is not None:
        probe(job.footage, job.limits)
    styles = tuple(
        StylePicture(read_picture(style.path, job.limits).pixels, style.weight) for style in job.styles
    )
    styles += mask_styles(job)
    delivery = None if source.is_picture else deliver(job.encoding, job.output, source.video, job.hdr)
    shape, notices = shape_of(job, source, delivery)
    if delivery is not None:
        written = compared_shape(shape, job.compare)
        check_delivery(delivery, written.height, written.width, written.rate, job.output)
        check_times(job.source, job.output, source, job.limits)
        notices += _source_notices(job, source) + delivery.notices + _stream_notices(job)
    notices += tuple(mask_notices(job, source))
    decoder, told = _decoder(job, source)
    return Plan(
        job=job,
        source=source,
        styles=styles,
        shape=shape,
        frames=source.frames_between(job.start, job.duration),
        notices=notices + told,
        identity={},
        delivery=delivery,
        decoder=decoder,
    )


def identity_of(job: Job, shape: VideoShape, delivery: Delivery | None) -> dict[str, Any]:
    """What the frames of a job depend on, but for the stylizer's weights: JSON values by name."""
    settings = job.settings.as_dict()
    encoding = job.encoding if delivery is None else delivery.encoding
    for path in ("weights", "model"):  # what counts is what the file holds
        del settings[path]
    return {
        "vidstyle version": version("vidstyle"),
        "source": input_sha256(job.source),
        "styles": [[input_sha256(style.path), style.weight] for style in job.styles],
        "settings": settings,
        "encoding": asdict(encoding) | {"options": dict(encoding.options)},
        "size": f"{shape.width}x{shape.height}",
        "start": _text(job.start),
        "duration": _text(job.duration),
        "segment frames": job.segment_frames,
        "split": job.split,
        "rate": None if job.rate is None else str(job.rate),
        "hdr": job.hdr,
        "decoder": job.decoder,
        "compare": job.compare,
        "masks": mask_identity(job),
        "footage": None if job.footage is None else input_sha256(job.footage),
    }


def _check_kinds(job: Job, source: SourceInfo) -> None:
    """Refuse what cannot be: a video of a picture, a picture of a video, a stretch that is not there."""
    if source.is_picture and not is_picture_name(job.output):
        raise OutputError(
            "is a video, but the source is a picture", where=job.output, hint="Name a .png or .jpg."
        )
    if source.is_picture:
        check_for_pictures(job.encoding, job.output)
    if not source.is_picture and is_picture_name(job.output) and not is_pattern(job.output):
        raise OutputError(
            "is a picture, but the source is a video",
            where=job.output,
            hint=f"Name an .mp4 or .mkv, or numbered pictures such as {job.output.stem}_%04d.png.",
        )
    if job.rate is not None and not is_sequence(job.source):
        raise SettingsError(
            "is for numbered pictures", where="rate", hint="Leave it out: a video keeps its own times."
        )
    for name in ("loop", "schedule"):
        if source.is_picture and getattr(job.settings, name):
            raise SettingsError("means nothing for a picture", where=name, hint="Leave it out.")
    if source.is_picture and job.compare == "wipe":
        raise SettingsError("moves, which a picture does not", where="compare", hint="Choose side or split.")
    if source.is_picture and (job.start or job.duration):
        raise SettingsError("mean nothing for a picture", where="start/duration", hint="Leave them out.")
    if job.start and source.duration is not None and job.start >= source.duration:
        raise InputError(
            f"lasts {float(source.duration):.3f} s, so nothing comes after {float(job.start):g} s",
            where=job.source,
            hint="Choose an earlier start.",
        )
    if source.duration is not None:
        left = source.duration - (job.start or 0)
        job.limits.check_duration(left if job.duration is None else min(left, job.duration), job.source)


def _source_notices(job: Job, source: SourceInfo) -> tuple[str, ...]:
    notices: tuple[str, ...] = ()
    if source.video.interlaced:
        notices += (f"{job.source} is interlaced: the two fields of each frame become one picture (bwdif).",)
    schedule = job.settings.schedule
    if schedule is not None and source.duration is not None:
        late = [keyframe.at for keyframe in schedule.keyframes if keyframe.at > source.duration]
        if late:
            notices += (
                f"The schedule goes on to {float(late[-1]):g} s, and {job.source} lasts "
                f"{float(source.duration):g} s.",
            )
    return notices


def _decoder(job: Job, source: SourceInfo) -> tuple[DecoderChoice, tuple[str, ...]]:
    """Who decodes the source, and what the user should know of that."""
    if job.decoder == "software":
        return "software", ()
    if source.is_picture or is_sequence(job.source):
        return "software", (f"{job.source} is decoded by software, as all pictures are.",)
    decoder, told = decoder_for(job.source, job.decoder, job.limits)
    return decoder, (told,) if told else ()


def _stream_notices(job: Job) -> tuple[str, ...]:
    told = [
        stream.describe()
        for stream in plan_streams(job.source, job.output, job.limits)
        if stream.action != "copy"
    ]
    return tuple(f"{text[0].upper()}{text[1:]}." for text in told)


def _check_state(job: Job, identity: Identity) -> None:
    """What lies at the output's place already: a whole file, or what an earlier run left."""
    if not job.restart and folder_of(job.output).is_dir():
        if published(job.output, identity) is not None:
            return  # all that is left to do is to say so
        check_fit(job.output, identity)
    if is_pattern(job.output) and unfinished(job.output) is not None and not job.restart:
        return  # a render that was stopped while it put its pictures in place
    there = there_already(job.output) if is_pattern(job.output) else job.output.exists()
    if there and not job.overwrite:
        raise OutputError("exists already", where=job.output, hint="Add -y to replace it, or name another.")


def _text(seconds: Fraction | None) -> str | None:
    return None if seconds is None else str(seconds)
