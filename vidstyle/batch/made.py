"""Files that an earlier run of the same batch made: patterns of inputs must not find them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from vidstyle.batch.manifest import Manifest
from vidstyle.batch.template import matching
from vidstyle.errors import InputError, SettingsError
from vidstyle.media import read_metadata
from vidstyle.pipeline import told_by


class Made:
    """The files whose names a manifest's templates can give and which tell that vidstyle made them.

    With `input = "*.mp4"` and `output = "{stem}-ink.mp4"`, the second run would else paint what the
    first one painted.

    Args:
        manifest: of the batch.
    """

    def __init__(self, manifest: Manifest) -> None:
        # Absolute, with links left as they are, as patterns find them; a brace in it is no field's.
        folder = os.path.abspath(manifest.path.parent).replace("{", "{{").replace("}", "}}")  # noqa: PTH100
        self._names = []
        for entry in (manifest.defaults, *manifest.jobs):
            template = entry.values.get("output")
            if template is not None and isinstance(template.value, str):
                with suppress(SettingsError):  # reading the entry tells what is wrong with it
                    self._names.append(matching(os.path.normpath(Path(folder, template.value))))

    def __contains__(self, path: Path) -> bool:
        name = os.path.abspath(path)  # noqa: PTH100 - links stay
        if not any(pattern.fullmatch(name) for pattern in self._names):
            return False
        try:
            told_by(read_metadata(path), path)
        except InputError:
            return False
        return True
