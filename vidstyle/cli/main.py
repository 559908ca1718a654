"""The `vidstyle` command: its subcommands, and how each kind of end becomes an exit code."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, NoReturn

import typer

from vidstyle.cli.bare import with_values
from vidstyle.cli.commands import Commands, listed
from vidstyle.cli.plain import printable
from vidstyle.cli.waiting import wait_briefly
from vidstyle.errors import DeviceError, VidstyleError
from vidstyle.faults import FaultsFound

BUG = "this is a bug in vidstyle. Run it again with VIDSTYLE_DEBUG=1 and report what it prints."

app = typer.Typer(
    name="vidstyle",
    cls=Commands,
    help="Paint any video in the style of any picture.",
    epilog="Exit codes: 0 done, 1 a bug, 2 usage, 3 input, 4 output, 5 weights, 6 batch, 7 device, "
    "8 a limit of evaluate --fail-if, 130 stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
listed(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        import vidstyle

        typer.echo(f"vidstyle {vidstyle.__version__}")
        raise typer.Exit()


@app.callback()
def _options_of_all_commands(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Paint any video in the style of any picture."""


# What shells report of a process whose reader went away, as of every other tool in `vidstyle ... | head`.
_PIPE_CLOSED = 141


def run(arguments: Sequence[str]) -> int:
    """Run one command line, say what went wrong if anything did, and return the exit code."""
    with _stop_signals() as received:
        code = _run(arguments)
    # Shells report a process that a signal ended as 128 + its number; Ctrl-C is 130 already.
    return 128 + received[0] if received else code


def _run(arguments: Sequence[str]) -> int:
    try:
        app(args=with_values(arguments), prog_name="vidstyle")
        return 0
    except SystemExit as end:  # Typer ends every command so, with the code of usage errors and Ctrl-C
        if isinstance(end.__context__, BrokenPipeError):
            return _PIPE_CLOSED  # it would be 1, a bug's
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except FaultsFound as error:
        for each in error.errors:
            _say(str(each))
        return error.exit_code
    except VidstyleError as error:
        _say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _PIPE_CLOSED  # nobody is left to tell
    except MemoryError:
        _say("out of memory. End other programs, or give a smaller size.")
        return DeviceError.exit_code
    except ImportError as error:
        # A bare Linux server may lack libraries that OpenCV links to; a package may be half installed.
        if os.environ.get("VIDSTYLE_DEBUG") == "1":
            traceback.print_exc()
        _say(f"the installation is broken ({error}). Run `vidstyle doctor`: it tells how to mend it.")
        return 1
    except Exception as error:
        if os.environ.get("VIDSTYLE_DEBUG") == "1":
            traceback.print_exc()
        _say(f"{type(error).__name__}: {error}; {BUG}")
        return 1


def _say(message: str) -> None:
    """One line, whatever the message holds: scripts read standard error by lines."""
    print("vidstyle: error:", printable(" ".join(message.split())), file=sys.stderr)


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Make SIGTERM and SIGHUP stop a command as Ctrl-C does, so that its clean-up runs.

    Yields:
        The signals received, in order. One that the parent process ignores (nohup) stays ignored.
    """
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        received.append(number)
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    watched = [number for number in map(signal.Signals.__getitem__, names) if _is_default(number)]
    for number in watched:
        signal.signal(number, stop)
    try:
        yield received
    finally:
        for number in watched:
            signal.signal(number, signal.SIG_DFL)


def _is_default(number: signal.Signals) -> bool:
    return signal.getsignal(number) == signal.SIG_DFL


def main() -> NoReturn:
    """Entry point of the installed command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal's encoding lacks is no fault
            stream.reconfigure(errors="backslashreplace")
    wait_briefly()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more on its way out and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or _PIPE_CLOSED
    # Python looks for garbage on its way out, among all that torch brought: it goes anyway.
    gc.freeze()
    sys.exit(code)
