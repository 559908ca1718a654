"""What is wrong with a manifest or a schedule: all of it, each fault with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from vidstyle.errors import InputError, VidstyleError


class FaultsFound(VidstyleError):
    """A file of jobs or keyframes cannot be used as it is.

    Attributes:
        errors: every fault that was found, each of the kind that it would be by itself, in order of lines.
    """

    def __init__(self, errors: Sequence[VidstyleError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(str(error) for error in errors))
        # Of several kinds the first in the list of exit codes: usage before input before output.
        self.exit_code = min(error.exit_code for error in errors)


class Faults:
    """Collects what is wrong with a file, so that all of it can be told at once.

    Args:
        file: a manifest, or a schedule.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._found: list[tuple[int, VidstyleError]] = []

    @contextmanager
    def at(self, line: int, key: str = "", lines: Mapping[str, int] | None = None) -> Iterator[None]:
        """Keep an error that ends the block, told of a line, and go on after the block.

        Args:
            line: of the file, from 1; 0 where there is none to name.
            key: to name instead of what the error names.
            lines: of the keys that the error may name.
        """
        try:
            yield
        except FaultsFound as faults:  # of another file, which this one names
            self._found += [(line, self._told(error, line)) for error in faults.errors]
        except VidstyleError as error:
            line = (lines or {}).get(error.where, line)
            self._found.append((line, self._told(error, line, key)))
        except OSError as error:  # a name that is too long, a folder that may not be looked into
            where = ": ".join(part for part in (self._place(line), key or str(error.filename or "")) if part)
            self._found.append(
                (line, InputError(f"cannot be used ({error.strerror})", where=where, hint="Check the path."))
            )

    def end(self) -> None:
        """Raise what was found.

        Raises:
            FaultsFound: something was.
        """
        if self._found:
            in_order = sorted(self._found, key=lambda found: found[0])
            # What is wrong with a pattern's every source in the same way is told once.
            raise FaultsFound(list({str(error): error for _, error in in_order}.values()))

    def __bool__(self) -> bool:
        return bool(self._found)

    def _told(self, error: VidstyleError, line: int, key: str = "") -> VidstyleError:
        """The error with its place before what it names: a plain kind of it, whatever its class asks for."""
        where = ": ".join(part for part in (self._place(line), key or error.where) if part)
        return type(error)(error.what, where=where, hint=error.hint)

    def _place(self, line: int) -> str:
        return f"{self.file}:{line}" if line else str(self.file)


def nearest(name: str, names: Iterable[str]) -> str:
    """A sentence that leads from a wrong name to the right one."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Choose among {', '.join(known)}."
