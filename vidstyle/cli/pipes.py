"""`-` as input or output: files that stand for standard input and output."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vidstyle.errors import InputError, OutputError, SettingsError

PIPE = Path("-")


@contextmanager
def piped(source: Path, output: Path, container: str | None, *, json: bool) -> Iterator[tuple[Path, Path]]:
    """The files that stand for a source and an output; what was made goes to standard output at the end.

    A source is read more than once, and an output is written from its end too: neither can be a pipe.

    Args:
        source: a file, or "-".
        output: a file, or "-".
        container: suffix of what goes to standard output: mkv, y4m, ...
        json: events go to standard output.

    Raises:
        InputError: nothing comes from standard input.
        OutputError: standard output is a terminal.
        SettingsError: a container for a file, or events and a video on one pipe.
    """
    if container is not None and output != PIPE:
        raise SettingsError(
            "is for standard output", where="format", hint="A file's suffix tells its container."
        )
    with ExitStack() as stack:
        if PIPE in (source, output):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vidstyle-")))
        if output == PIPE:
            if json:
                raise SettingsError(
                    "would mix with the video on standard output", where="json", hint="Leave it out."
                )
            if sys.stdout.isatty():
                raise OutputError(
                    "is a terminal", where="standard output", hint="Send it on: ... -o - | player -"
                )
        taken = _kept(folder) if source == PIPE else source
        made = folder / f"output.{(container or 'mkv').removeprefix('.')}" if output == PIPE else output
        yield taken, made
        if output == PIPE:
            _send(made)


def _send(made: Path) -> None:
    """A file to standard output; that its reader went away is told as it is.

    Raises:
        OutputError: it cannot take it, such as a full disk.
    """
    from vidstyle.media.atomic import telling_output_errors

    try:
        with made.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError:
        with telling_output_errors(Path("standard output")):
            raise


def _kept(folder: Path) -> Path:
    """Standard input, all of it, in a file."""
    path = folder / "input"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    if not path.stat().st_size:
        raise InputError("is empty", where="standard input", hint="Send a video: ... | vidstyle stylize -")
    return path
