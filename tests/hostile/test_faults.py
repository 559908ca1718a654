"""What goes wrong around a render: readers that leave, disks, folders, sources that vanish, memory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch
from commands import Vidstyle, spawned
from tiny_media import count_frames, write_clip

from vidstyle.cli.main import run
from vidstyle.errors import DeviceError, InputError
from vidstyle.frames import Frame
from vidstyle.media import Encoding
from vidstyle.memory import is_out_of_memory
from vidstyle.pipeline import FrameDone, Job, StyleFile, render
from vidstyle.settings import Settings
from vidstyle.synthesis.optimiser import OptimisingStylizer

unix = pytest.mark.skipif(sys.platform == "win32", reason="a Unix matter")
PAINT = ("--strength", "0", "-q", "draft")


def job_of(source: str = "clip.mp4", **more: object) -> Job:
    settings = Settings.preset("draft", strength=0.0)
    return Job(Path(source), (StyleFile(Path("style.png")),), Path("out.mp4"), settings, **more)


@unix
@pytest.mark.parametrize("command", [("stylize", "clip.mp4", "style.png", "-o", "out.mp4", "--json", *PAINT)])
def test_a_reader_that_leaves_ends_the_command_quietly(folder: Path, command: Sequence[str]) -> None:
    process = spawned(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert "started" in process.stdout.readline()
    process.stdout.close()  # as `| head -1` does
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, "")
    assert not Path("out.mp4").exists()


@unix
@pytest.mark.parametrize(
    "command", [("info", "clip.mp4"), ("stylize", "clip.mp4", "style.png", "-o", "-", *PAINT)]
)
def test_a_reader_that_was_never_there(folder: Path, command: Sequence[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, "-m", "vidstyle", *command],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert ended.returncode == 141
    assert "error" not in ended.stderr and "bug" not in ended.stderr


@pytest.fixture
def unhandled() -> Iterator[None]:
    """SIGTERM and SIGHUP as a shell leaves them: Ray takes over the one in this process, nohup the other."""
    names = (signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.signal(name, signal.SIG_DFL) for name in names]
    yield
    for name, handler in zip(names, handlers, strict=True):
        signal.signal(name, handler)


@unix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("unhandled")
def test_a_signal_while_a_damaged_clip_is_painted(
    folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    content = Path("clip.mp4").read_bytes()
    write_clip(Path("long.mkv"), (4, 4), sound=False)
    Path("cut.mkv").write_bytes(Path("long.mkv").read_bytes()[:-300])
    painted = OptimisingStylizer.next

    def then_signal(*arguments: object) -> Frame:
        os.kill(os.getpid(), number)
        return painted(*arguments)  # type: ignore[arg-type]

    command = ("stylize", "cut.mkv", "style.png", "-o", "out.mkv", *PAINT)
    with monkeypatch.context() as patch:
        patch.setattr(OptimisingStylizer, "next", then_signal)
        ended = vidstyle(*command)
    assert ended.code == 128 + number
    assert not Path("out.mkv").exists()
    assert Path("clip.mp4").read_bytes() == content
    assert vidstyle(*command).code == 0
    assert 5 <= count_frames(Path("out.mkv")) <= 8


def test_a_source_that_vanishes_while_it_is_read(folder: Path) -> None:
    source = Path("clip.mp4")
    gone = source.with_name("gone.mp4")
    with pytest.raises(InputError, match=r"clip\.mp4: does not exist"):
        for event in render(job_of()):
            if isinstance(event, FrameDone) and event.index == 2:
                source.rename(gone)
    assert not Path("out.mp4").exists()
    gone.rename(source)  # a stick that is plugged in again
    *_, finished = render(job_of())
    assert finished.resumed_frames == finished.frames == 8  # type: ignore[union-attr]
    assert count_frames(Path("out.mp4")) == 8


@unix
def test_a_source_that_is_cut_while_it_is_read(folder: Path, sound: dict[str, tuple[str, bytes]]) -> None:
    source = Path("clip.mkv")
    source.write_bytes(sound["mkv ffv1"][1])
    frames = 0
    try:
        for event in render(job_of("clip.mkv", encoding=Encoding("ffv1"))):
            if isinstance(event, FrameDone):
                frames += 1
                if event.index == 0:
                    os.truncate(source, 6000)
    except InputError:
        assert not Path("out.mp4").exists()
    else:
        assert count_frames(Path("out.mp4")) == frames


def run_by_nobody(arguments: Sequence[str | Path], said: Path) -> int:
    """Exit code of the command in a child without root's right to write anywhere, which CI machines have."""
    said.touch()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.dup2(os.open(said, os.O_WRONLY), 2)
            sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - not the one that pytest reads
            if os.geteuid() == 0:
                os.setuid(65534)
            code = run([os.fspath(argument) for argument in arguments])
            sys.stderr.flush()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@unix
def test_a_folder_that_may_not_be_written_to(folder: Path) -> None:
    for place in (folder, folder.parent, folder.parent.parent):
        place.chmod(0o755)  # of pytest's own folders, which nobody else may look into
    closed, said = folder / "closed", folder / "said"
    closed.mkdir()
    closed.chmod(0o555)
    code = run_by_nobody(("stylize", "clip.mp4", "style.png", "-o", "closed/out.mp4", *PAINT), said)
    assert code == 4, said.read_text()
    assert "may not be written to" in said.read_text()
    assert list(closed.iterdir()) == []


def in_small_disk(script: str, size: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a user's own namespace, with `disk` a new file system of a size."""
    mount = f"mount -t tmpfs -o size={size} none disk && {script}"
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("unshare") is None, reason="no namespaces here")
def test_a_disk_that_is_full_and_one_that_is_read_only(folder: Path) -> None:
    Path("disk").mkdir()
    if in_small_disk("true", "64k").returncode:
        pytest.skip("namespaces are not allowed here")
    paint = f"{sys.executable} -m vidstyle stylize clip.mp4 style.png -o disk/out.mp4 --strength 0 -q draft"
    listing = "; echo code $?; ls -A disk"
    full = in_small_disk(paint + listing, "8k")
    assert "no space left to write it" in full.stderr
    assert full.stdout.split()[:2] == ["code", "4"]
    assert "out.mp4" not in full.stdout.split()
    read_only = in_small_disk(f"mount -o remount,ro disk; {paint}{listing}", "1m")
    assert read_only.stdout.split() == ["code", "4"]
    assert "may not be written" in read_only.stderr
    with_room = in_small_disk(paint + listing, "4m")
    assert with_room.stdout.split() == ["code", "0", "out.mp4"]


def too_much_for_numpy() -> None:
    import numpy as np

    np.empty(1 << 60, np.uint8)


def too_much_for_torch() -> None:
    torch.empty(1 << 60, dtype=torch.uint8)


def too_much_for_python() -> None:
    bytearray(1 << 62)


def too_much_for_a_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")  # there is none here to be filled


@pytest.mark.parametrize(
    "take", [too_much_for_numpy, too_much_for_torch, too_much_for_python, too_much_for_a_gpu]
)
def test_memory_that_runs_out_is_told_and_the_render_goes_on_later(
    folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch, take: object
) -> None:
    painted = OptimisingStylizer.next

    def hungry(*arguments: object) -> Frame:
        take()  # type: ignore[operator]
        return painted(*arguments)  # type: ignore[arg-type]

    write_clip(Path("cut.mp4"), (3, 3))
    command = ("stylize", "cut.mp4", "style.png", "-o", "out.mp4", *PAINT)
    with monkeypatch.context() as patch:
        patch.setattr(OptimisingStylizer, "next", hungry)
        ended = vidstyle(*command)
    assert ended.code == DeviceError.exit_code
    assert "cut.mp4: ran out of memory. Give a smaller size" in ended.err.splitlines()[-1]
    assert not Path("out.mp4").exists()
    assert vidstyle(*command).code == 0


def test_other_faults_are_not_taken_for_memory() -> None:
    for error in (RuntimeError("shapes do not match"), OSError("no space"), ValueError()):
        assert not is_out_of_memory(error)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not kept")
def test_memory_that_the_system_refuses(folder: Path) -> None:
    import cv2
    import numpy as np

    cv2.imwrite("large.png", np.zeros((6000, 9000, 3), np.uint8))
    script = """
import resource, sys
from pathlib import Path
import torch, cv2, av, vidstyle.pipeline, vidstyle.synthesis.optimiser, vidstyle.features
from vidstyle.cli.main import run
torch.set_num_threads(1); cv2.setNumThreads(0)
space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + (700 << 20)
resource.setrlimit(resource.RLIMIT_AS, (space, space))
sys.exit(run(["stylize", "large.png", "style.png", "-o", "out.png", "-q", "draft"]))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == DeviceError.exit_code, ended.stderr[-2000:]
    assert "ran out of memory" in ended.stderr.splitlines()[-1]
    assert not Path("out.png").exists()
