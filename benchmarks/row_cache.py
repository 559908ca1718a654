"""Rows of a table that outlast an interruption: one JSON file each, by all that its figures depend on."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import vidstyle

PACKAGE = Path(vidstyle.__file__).parent
# What decides what is painted: another line of it, and every picture is painted again.
PAINTING = ("frames.py", "settings.py", "assets", "features", "media", "motion", "synthesis")
MEASURING = ("quality",)


@dataclass(frozen=True)
class Rows:
    """The rows in a folder."""

    folder: Path

    def row(self, identity: dict[str, Any], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The row of an identity: as it lies in the folder, or made and put there."""
        path = self.folder / f"row-{key(identity)}.json"
        if path.exists():
            say(f"{' '.join(str(value) for value in list(identity.values())[:2])}: from {path}")
            kept: dict[str, Any] = json.loads(path.read_text())["row"]
            return kept
        made = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"identity": identity, "row": made}, indent=1))
        part.replace(path)
        return made


def key(identity: dict[str, Any]) -> str:
    """Sixteen hex digits of JSON values."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


@cache
def code_of(parts: tuple[str, ...], *scripts: Path) -> str:
    """Sixteen hex digits of the package's parts and of scripts, as they were when first asked for.

    Once a run: the code that runs is what was loaded, whatever an editor does to the files meanwhile.
    """
    digest = hashlib.sha256()
    for root in (*(PACKAGE / part for part in parts), *scripts):
        files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.suffix != ".pyc")
        for file in filter(Path.is_file, files):
            digest.update(os.fsencode(file.name) + file.read_bytes())
    return digest.hexdigest()[:16]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
