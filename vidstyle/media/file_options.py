"""Encoder options that lead to files: `x264-params=stats=/etc/passwd:pass=1` would write there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

# Log files of two passes: one word is a name in the working folder.
_LEADING_TO_FILES = {"stats", "passlogfile"}
# The encoders' own options in one text, which hold names of files among much else: known words pass.
_NUMBERS = re.compile(r"[-+0-9.,]*")
_WORDS = {"aq-mode", "colormatrix", "colorprim", "direct", "level", "log-level", "me", "nal-hrd", "range"}
_WORDS |= {"transfer", "tune", "preset", "profile", "weightp"}


def options_leading_to_files(options: Mapping[str, str]) -> tuple[str, ...]:
    """The options by which an encoder may read or write files of its own, whatever the output is."""
    return tuple(key for key, value in options.items() if _leads(key, value))


def _leads(key: str, value: str) -> bool:
    if key in _LEADING_TO_FILES or os.sep in value or "/" in value:
        return True
    if key != "x264opts" and not key.endswith("-params"):
        return False
    pairs = (part.partition("=") for part in value.split(":"))
    return any(name in _LEADING_TO_FILES or not _harmless(name, text) for name, _, text in pairs)


def _harmless(name: str, text: str) -> bool:
    return _NUMBERS.fullmatch(text) is not None or (
        name in _WORDS and re.fullmatch(r"[\w-]+", text) is not None
    )
