"""Encoder options that lead to files: `x264-params=stats=/etc/passwd:pass=1` would write there."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Log files of two passes, and the encoders' own options in one text, which hold `stats`, `dump-yuv`, `csv`...
_LEADING_TO_FILES = {"stats", "passlogfile", "x264opts"}


def options_leading_to_files(options: Mapping[str, str]) -> tuple[str, ...]:
    """The options by which an encoder may read or write files of its own, whatever the output is."""
    return tuple(
        key
        for key, value in options.items()
        if key in _LEADING_TO_FILES or key.endswith("-params") or "/" in value or os.sep in value
    )
