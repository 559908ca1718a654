"""Text files that users write, read and parsed: manifests, schedules, presets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError, SettingsError


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, with or without a mark at its beginning.

    Raises:
        FileNotFoundError: there is none; what that means depends on the file.
        InputError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except IsADirectoryError as error:
        raise InputError("is a folder", hint="Give a file.") from error
    except UnicodeDecodeError as error:
        raise InputError("is not text in UTF-8", hint="Save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", hint="Check its permissions.") from error


def toml_of(text: str) -> dict[str, Any]:
    """The tables of TOML.

    Raises:
        SettingsError: it is not well-formed.
    """
    with telling_form("TOML"):
        return tomllib.loads(text)


@contextmanager
def telling_form(form: str) -> Iterator[None]:
    """Turns a parser's complaint, which names the line, into SettingsError."""
    try:
        yield
    except ValueError as error:  # a JSONDecodeError or TOMLDecodeError, or a number of too many digits
        raise SettingsError(f"is not well-formed {form} ({error})", hint="Mend it there.") from error
    except RecursionError as error:
        raise SettingsError("is nested too deeply", hint="A few levels are enough.") from error
