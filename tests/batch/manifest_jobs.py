"""What a manifest asks for, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidstyle.batch.items import Override, items
from vidstyle.batch.manifest import read_manifest
from vidstyle.batch.prepare import prepare
from vidstyle.faults import Faults, FaultsFound
from vidstyle.pipeline import Job


def jobs_of(path: Path, override: Override | None = None) -> list[Job]:
    faults = Faults(path)
    found = items(read_manifest(path), faults, override)
    faults.end()
    return [item.job for item in found]


def told(path: Path, **options: object) -> list[str]:
    """What is wrong with a manifest, without its name."""
    with pytest.raises(FaultsFound) as caught:
        prepare(path, **options)
    return [str(error).removeprefix(f"{path}:") for error in caught.value.errors]
