"""What is wrong with a manifest: all of it, each fault with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from vidstyle.errors import InputError, VidstyleError


class ManifestError(VidstyleError):
    """A batch cannot begin.

    Attributes:
        errors: every fault that was found, each of the kind that it would be by itself, in order of lines.
    """

    def __init__(self, errors: Sequence[VidstyleError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(str(error) for error in errors))
        # Of several kinds the first in the list of exit codes: usage before input before output.
        self.exit_code = min(error.exit_code for error in errors)


class Faults:
    """Collects what is wrong with a manifest, so that all of it can be told at once.

    Args:
        manifest: its file.
    """

    def __init__(self, manifest: Path) -> None:
        self.manifest = manifest
        self._found: list[tuple[int, VidstyleError]] = []

    @contextmanager
    def at(self, line: int, key: str = "", lines: Mapping[str, int] | None = None) -> Iterator[None]:
        """Keep an error that ends the block, told of a line, and go on after the block.

        Args:
            line: of the manifest, from 1; 0 where there is none to name.
            key: to name instead of what the error names.
            lines: of the keys that the error may name.
        """
        try:
            yield
        except VidstyleError as error:
            line = (lines or {}).get(error.where, line)
            where = ": ".join(part for part in (self._place(line), key or error.where) if part)
            # A plain kind of error, whatever its class asks of its makers.
            self._found.append((line, type(error)(error.what, where=where, hint=error.hint)))
        except OSError as error:  # a name that is too long, a folder that may not be looked into
            where = ": ".join(part for part in (self._place(line), key or str(error.filename or "")) if part)
            self._found.append(
                (line, InputError(f"cannot be used ({error.strerror})", where=where, hint="Check the path."))
            )

    def end(self) -> None:
        """Raise what was found.

        Raises:
            ManifestError: something was.
        """
        if self._found:
            in_order = sorted(self._found, key=lambda found: found[0])
            # What is wrong with a pattern's every source in the same way is told once.
            raise ManifestError(list({str(error): error for _, error in in_order}.values()))

    def __bool__(self) -> bool:
        return bool(self._found)

    def _place(self, line: int) -> str:
        return f"{self.manifest}:{line}" if line else str(self.manifest)


def nearest(name: str, names: Iterable[str]) -> str:
    """A sentence that leads from a wrong name to the right one."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Choose among {', '.join(known)}."
