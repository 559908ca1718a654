"""What an output tells of how it was made, and the job that makes it again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError
from vidstyle.media import Encoding
from vidstyle.pipeline.job import Job, MaskFile, StyleFile
from vidstyle.pipeline.plan import Plan
from vidstyle.settings import Settings

TAG = "comment"
"""The tag that holds it: the one that every container, PNG and JPEG has room for."""


def describe(plan: Plan, weights: str) -> dict[str, Any]:
    """How an output was made, as JSON values: version, inputs with their sha256, all settings.

    Paths are told as they were given.

    Args:
        plan: of the render.
        weights: sha256 of the weights that its pictures depend on.
    """
    job, identity = plan.job, plan.identity
    return {
        "vidstyle": identity["vidstyle version"],
        "source": {"path": str(job.source), "sha256": identity["source"]},
        "styles": [
            {"path": str(style.path), "weight": style.weight, "sha256": sha256}
            for style, (sha256, _) in zip(job.styles, identity["styles"], strict=True)
        ],
        "masks": [
            {
                "path": str(mask.path),
                "sha256": sha256,
                "style": None if mask.style is None else {"path": str(mask.style), "sha256": style},
            }
            for mask, (sha256, style) in zip(job.masks, identity["masks"], strict=True)
        ],
        "output": str(job.output),
        "settings": job.settings.as_dict(),
        "encoding": asdict(job.encoding) | {"options": dict(job.encoding.options)},
        "size": job.size,
        "start": None if job.start is None else str(job.start),
        "duration": None if job.duration is None else str(job.duration),
        "segment_frames": job.segment_frames,
        "split": job.split,
        "rate": None if job.rate is None else str(job.rate),
        "hdr": job.hdr,
        "decoder": job.decoder,
        "compare": job.compare,
        "footage": job.footage and {"path": str(job.footage), "sha256": identity["footage"]},
        "weights_sha256": weights,
    }


def tags_of(plan: Plan, weights: str) -> dict[str, str]:
    """`describe` as tags of the output."""
    return {TAG: json.dumps(describe(plan, weights), ensure_ascii=False)}


def told_by(tags: Mapping[str, str], path: Path) -> dict[str, Any]:
    """What `tags_of` wrote into a file.

    Args:
        tags: of the file, by `read_metadata`.
        path: the file, for the message.

    Raises:
        InputError: vidstyle did not make it, or its tags were taken out.
    """
    try:
        told: dict[str, Any] = json.loads(tags.get(TAG, ""))
        if "vidstyle" in told:
            return told
    except (ValueError, TypeError, RecursionError):
        pass
    raise InputError(
        "does not tell how it was made", where=path, hint="Only vidstyle's own untouched outputs do."
    )


def job_from_metadata(told: Mapping[str, Any]) -> Job:
    """The job that `describe` told.

    Raises:
        InputError: something is missing, or written by a version that this one does not understand.
        SettingsError: a setting that this version does not allow.
    """
    try:
        size, footage = told["size"], told.get("footage")
        return Job(
            source=Path(told["source"]["path"]),
            styles=tuple(StyleFile(Path(style["path"]), style["weight"]) for style in told["styles"]),
            output=Path(told["output"]),
            settings=Settings.from_dict(told["settings"]),
            encoding=_encoding(told["encoding"]),
            size=(int(size[0]), int(size[1])) if isinstance(size, list) else size and int(size),
            start=_fraction(told["start"]),
            duration=_fraction(told["duration"]),
            segment_frames=told["segment_frames"],
            split=told["split"],
            rate=_fraction(told.get("rate")),
            hdr=told.get("hdr", "keep"),
            decoder=told.get("decoder", "software"),
            compare=told.get("compare"),
            masks=tuple(
                MaskFile(Path(mask["path"]), None if mask["style"] is None else Path(mask["style"]["path"]))
                for mask in told.get("masks", [])
            ),
            footage=None if footage is None else Path(footage["path"]),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise InputError(
            f"was made by vidstyle {told.get('vidstyle', 'of an unknown version')} in a way unknown here",
            hint="Use that version.",
        ) from error


def _encoding(told: Mapping[str, Any]) -> Encoding:
    """An encoding of names and numbers, whatever else the record holds.

    Raises:
        ValueError: it is something else.
    """
    plain = {name: value for name, value in told.items() if name != "options"}
    options = {str(key): str(value) for key, value in dict(told["options"]).items()}
    crf = plain.get("crf")
    if not all(isinstance(value, (str, type(None))) for name, value in plain.items() if name != "crf"):
        raise ValueError("not an encoding")
    return Encoding(**plain | {"crf": None if crf is None else int(crf)}, options=options)


def _fraction(text: str | None) -> Fraction | None:
    """What `str` made of a fraction; `Fraction` alone would take "1e999999999", and years for it.

    Raises:
        ValueError: it is something else.
    """
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,20}(/[0-9]{1,20})?", text):
        raise ValueError(text)
    return Fraction(text)
