"""Whether an output is there already: an earlier run of the same batch made it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError
from vidstyle.media import read_metadata
from vidstyle.media.numbered import first_of
from vidstyle.pipeline import Job, told_by
from vidstyle.pipeline.hashes import input_sha256
from vidstyle.settings import FeatureChoice, Settings

# What a budget chooses: an output made with another choice is the same job's.
BUDGETED = ("first_steps", "steps", "min_steps")
# Fields of a job that an output tells under their own names.
TOLD = (
    "encoding",
    "size",
    "start",
    "duration",
    "segment_frames",
    "split",
    "rate",
    "hdr",
    "decoder",
    "compare",
)


class Done:
    """Compares what an output tells of its making with what a job would make.

    Args:
        budgeted: steps and size are the budget's to choose, so that they may differ.
        weights: gives the sha256 of the weights that settings name.
    """

    def __init__(self, *, budgeted: bool = False, weights: Callable[[Settings], str] | None = None) -> None:
        self._budgeted = budgeted
        self._weights = weights or _weights

    def already(self, job: Job) -> bool:
        """Whether the job's output exists and is what the job would make.

        Raises:
            InputError: the source or a style is missing.
            WeightsError: the weights are missing or damaged.
        """
        try:
            told = told_by(read_metadata(first_of(job.output)), job.output)
        except InputError:  # no video, or none of ours
            return False
        return (
            _told(told) is not None
            and self._plain(_told(told)) == self._plain(_asked(job))
            and told["weights_sha256"] == self._weights(job.settings)
        )

    def _plain(self, made: Any) -> Any:
        plain = json.loads(json.dumps(made))
        if self._budgeted:
            del plain["size"]
            for name in BUDGETED:
                plain["settings"].pop(name, None)
        return plain


def _told(told: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return {
            "vidstyle": told["vidstyle"],
            "source": told["source"]["sha256"],
            "styles": [[style["sha256"], style["weight"]] for style in told["styles"]],
            "masks": [[mask["sha256"], mask["style"] and mask["style"]["sha256"]] for mask in told["masks"]],
            "footage": (told.get("footage") or {}).get("sha256"),
            "settings": {**told["settings"], "weights": None},
            **{name: told.get(name) for name in TOLD},
        }
    except (KeyError, TypeError):  # another version wrote it
        return None


def _asked(job: Job) -> dict[str, Any]:
    return {
        "vidstyle": version("vidstyle"),
        "source": _sha256(job.source),
        "styles": [[_sha256(style.path), style.weight] for style in job.styles],
        "masks": [[_sha256(mask.path), mask.style and _sha256(mask.style)] for mask in job.masks],
        "footage": job.footage and _sha256(job.footage),
        "settings": {**job.settings.as_dict(), "weights": None},
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
    }


def _sha256(path: Path) -> str:
    try:
        return input_sha256(path)
    except OSError as error:
        raise InputError("no such file", where=path, hint="Check the path.") from error


def _weights(settings: Settings) -> str:
    if settings.quality == "live":
        return _live_weights(settings.model)
    return _weights_of(settings.features, settings.weights)


@lru_cache(maxsize=4)
def _weights_of(features: FeatureChoice, weights: Path | None) -> str:
    # Here, since torch takes seconds to import and few batches find outputs that exist.
    from vidstyle.features import load_features

    return load_features(features, weights).fingerprint


@lru_cache(maxsize=4)
def _live_weights(model: Path | None) -> str:
    from vidstyle.pipeline.painter import painter_for

    return painter_for((), Settings.preset("live", model=model, device="cpu", precision="float32")).weights
