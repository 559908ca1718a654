"""One mutant through the real command, in a process of its own with bounds, and the verdict."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import cv2  # before av

import av  # isort: skip
import torch

# Everything that a command would import, so that a trial costs a fork and no imports.
import vidstyle.batch
import vidstyle.cli.main
import vidstyle.features
import vidstyle.pipeline
import vidstyle.synthesis.optimiser
from fuzzing import seeds

MEMORY = 3 << 30  # bytes of address space beyond what the imports take
CPU_SECONDS = 60
WALL_SECONDS = 240  # three commands on two cores must not make a hang of it
_TYPED = (2, 3, 4, 5, 6, 7)
PAINT = ("--strength", "0", "--quality", "draft", "--size", "64", "--device", "cpu", "--json")


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant.

    Attributes:
        outcome: "whole", "partial" (with a warning), "refused" (a typed error), or "failed".
        told: the error's line, or what is wrong about the end.
        code: exit code; minus the signal's number where one ended the process.
        seconds: wall time.
        memory: most resident bytes.
    """

    outcome: str
    told: str
    code: int
    seconds: float
    memory: int


def prepare(sound: dict[str, tuple[str, bytes]]) -> None:
    """Make forks cheap and safe: no threads, which do not outlive them, and all that a first run loads."""
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    with TemporaryDirectory() as name, contextlib.chdir(name), contextlib.redirect_stdout(io.StringIO()):
        furnish(Path(name), sound)
        code = vidstyle.cli.main.run(["stylize", "clip.mp4", "style.png", "-o", "out.mp4", *PAINT])
    if code:
        raise SystemExit(f"the sound clip cannot be painted: exit code {code}")


def command_for(kind: str, name: str, rng: random.Random) -> list[str]:
    """Arguments that make vidstyle read a mutant of this kind in one of the ways there are."""
    if seeds.is_manifest(kind):
        return ["batch", name, "--dry-run", "--json", "--root", "."]
    if not (seeds.is_video(kind) or seeds.is_picture(kind)):
        return ["stylize", "clip.mp4", "style.png", "-o", "out.mp4", "--features", "vgg19", "--weights", name]
    way = rng.random()
    if way < 0.08:
        return ["info", name, *(["--json"] if way < 0.04 else [])]
    if way < (0.5 if seeds.is_picture(kind) else 0.12):
        return ["stylize", "photo.png", name, "-o", "out.png", *PAINT]
    output = "out.png" if seeds.is_picture(kind) else rng.choice(("out.mp4", "out.mkv"))
    return ["stylize", name, "style.png", "-o", output, *PAINT]


def furnish(folder: Path, sound: dict[str, tuple[str, bytes]]) -> None:
    """The sound files that a trial needs besides the mutant."""
    (folder / "clip.mp4").write_bytes(sound["mp4"][1])
    for name in ("style.png", "photo.png"):
        (folder / name).write_bytes(sound["png"][1])


def tried(arguments: Sequence[str], folder: Path) -> Verdict:
    """Run the command in a bounded child process, and judge how it ended."""
    before = set(folder.iterdir())
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _run(arguments, folder)
    code, memory = _wait(child)
    seconds = time.monotonic() - began
    err = _take(folder / "stderr")
    out = _take(folder / "stdout")
    left = {path for path in folder.iterdir() if path not in before}
    outcome, told = _judge(code, out, err, arguments, folder, left)
    return Verdict(outcome, told, code, seconds, memory)


def _run(arguments: Sequence[str], folder: Path) -> NoReturn:
    """The child's whole life."""
    code = 99
    try:
        os.chdir(folder)
        for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, "stdout", os.O_CREAT | os.O_WRONLY)):
            os.dup2(os.open(name, flags, 0o600), number)
        os.dup2(os.open("stderr", os.O_CREAT | os.O_WRONLY, 0o600), 2)
        space = _address_space() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["vidstyle", *arguments]
        vidstyle.cli.main.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 98
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(child: int) -> tuple[int, int]:
    """Exit code and memory of a child, which is killed when its time is up."""
    deadline = time.monotonic() + WALL_SECONDS
    pause = 0.002
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def _judge(
    code: int, out: str, err: str, arguments: Sequence[str], folder: Path, left: set[Path]
) -> tuple[str, str]:
    """Outcome and what to tell of it; whatever is not plainly allowed has failed."""
    lines = err.splitlines()
    last = lines[-1] if lines else ""
    if code == -signal.SIGKILL or code == -signal.SIGXCPU:
        return "failed", "took too long"
    if code < 0:
        return "failed", f"ended by {signal.Signals(-code).name}"
    if "Traceback" in err or "this is a bug" in err or "\x1b" in err + out:
        return "failed", last
    outputs = {path for path in left if path.name in ("out.mp4", "out.mkv", "out.png")}
    state = {path for path in left if path.name.endswith(".vidstyle-state")}
    if strange := left - outputs - state:
        return "failed", f"left {', '.join(sorted(path.name for path in strange))}"
    if code in _TYPED:
        if outputs:
            return "failed", f"left {outputs} after an error"
        typed = bool(lines) and all(line.startswith("vidstyle: error: ") for line in lines)
        return ("refused", last) if typed else ("failed", f"exit code {code} without one line: {err[:300]}")
    if code != 0:
        return "failed", f"exit code {code}"
    if "-o" not in arguments:
        return "whole", ""
    return _judge_output(out, outputs, state, folder / arguments[arguments.index("-o") + 1])


def _judge_output(out: str, outputs: set[Path], state: set[Path], output: Path) -> tuple[str, str]:
    """Whether what has the final name is all there, and whether the user was told what is not."""
    events = [json.loads(line) for line in out.splitlines()]
    if output not in outputs or state or events[-1]["event"] != "finished":
        return "failed", "ended well without its output"
    reported, held = events[-1]["frames"], _frames(output)
    if held != reported:
        return "failed", f"tells of {reported} frames, holds {held}"
    # Those about the source begin with its name; the others tell what the output cannot hold.
    notices = [event["text"] for event in events if event["event"] == "notice"]
    notices = [text for text in notices if text.startswith("mutant.")]
    return ("partial", " ".join(notices)) if notices else ("whole", "")


def _frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def _take(path: Path) -> str:
    text = path.read_text(errors="replace") if path.exists() else ""
    path.unlink(missing_ok=True)
    return text


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
