"""The shape of what is painted: the source's, as far as the job and the encoder leave it."""

from __future__ import annotations

from fractions import Fraction

from vidstyle.media import Delivery, SourceInfo, VideoShape, codable_size, tone_mapped_colors
from vidstyle.pipeline.job import Job
from vidstyle.pipeline.sizes import asked_size, pixel_aspect, squared


def shape_of(job: Job, source: SourceInfo, delivery: Delivery | None) -> tuple[VideoShape, tuple[str, ...]]:
    """Size, times and colours of the frames that are painted, and what the user should know of them.

    Raises:
        SettingsError: a side below 32 pixels.
    """
    video = source.video
    whole, aspect = (video.height, video.width), video.sample_aspect_ratio
    notices: tuple[str, ...] = ()
    square = delivery is None or delivery.square
    if aspect != 1 and delivery is not None and square:
        whole, aspect = squared(whole, aspect), Fraction(1)
        notices += (f"{job.output} cannot tell the shape of pixels: they are made square.",)
    asked = asked_size(whole, job.size)
    encoding = job.encoding if delivery is None else delivery.encoding
    height, width = asked if delivery is None else codable_size(*asked, encoding)
    if (height, width) != asked:
        notices += (
            f"The output is {width}x{height}, not {asked[1]}x{asked[0]}: "
            f"{encoding.pixel_format} holds even sides only.",
        )
    ratio = pixel_aspect(whole, aspect, (height, width))
    if ratio != aspect:
        notices += (
            f"{width}x{height} has other proportions than the source: the picture is stretched."
            if square
            else f"{width}x{height} has other proportions than the source: "
            f"its pixels are shown {ratio.numerator}:{ratio.denominator} so that nothing looks stretched.",
        )
    shape = VideoShape(
        width=width,
        height=height,
        time_base=video.time_base,
        rate=video.rate,
        sample_aspect_ratio=Fraction(1) if square else ratio,
        colors=tone_mapped_colors(video.colors, job.hdr),
        mastering=video.mastering if job.hdr == "keep" else None,
    )
    return shape, notices
