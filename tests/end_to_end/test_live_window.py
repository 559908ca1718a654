"""The window of `vidstyle live` and its keys, on a display of the tests' own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest
from displays import ask_to_close, display, needs_display, screenshot, window_of, xdotool

import av  # isort: skip

pytestmark = needs_display

SHOWS = """
import vidstyle.cli.live, vidstyle.media.capture, av
import numpy as np
from vidstyle.cli.window import Window
window = Window((48, 64))
for _ in range(3):
    window.show(np.zeros((48, 64, 3), np.uint8))
    window.key()
print(window.closed)
window.close()
print("shown")
"""


def test_a_window_opens_beside_pyav() -> None:
    """With av imported before cv2 it would hang for good."""
    with display() as env:
        done = subprocess.run(
            [sys.executable, "-c", SHOWS], env=env, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.stdout.split() == ["False", "shown"], done.stderr
    assert done.stderr == ""


PAINTS = """
import time
import numpy as np
from vidstyle.cli.window import Window
window = Window((48, 64))
while True:
    window.show(np.full((48, 64, 3), 255, np.uint8))
    window.key()
    time.sleep(0.01)
"""


@pytest.mark.slow
def test_windows_are_painted_on_a_busy_machine() -> None:
    """Six that start at once: of OpenCV's own, every second stayed black."""
    with ExitStack() as opened:
        displays = [opened.enter_context(display()) for _ in range(6)]
        for env in displays:
            process = subprocess.Popen([sys.executable, "-c", PAINTS], env=env)
            opened.callback(process.wait)
            opened.callback(process.kill)
        black, until = displays, time.monotonic() + 60
        while black and time.monotonic() < until:
            time.sleep(0.2)
            black = [env for env in black if screenshot(env, 0, 0, 64, 48).min() < 255]
        assert not black, f"{len(black)} of {len(displays)} stayed black"


class Live:
    """The command in a window, and what is done to it."""

    def __init__(self, env: dict[str, str], folder: Path, model: Path) -> None:
        command = [sys.executable, "-m", "vidstyle", "live", "one.png", "two.png", "--model", str(model)]
        command += ["--input", "lavfi:testsrc2=size=160x120:rate=12,realtime"]
        self.env, self.folder = env, folder
        self.process = subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.PIPE, text=True)

    def begin(self) -> None:
        self.window = window_of(self.env, "vidstyle")
        self.wait_for(self.moves, 90)

    def press(self, *keys: str) -> None:
        for key in keys:
            xdotool(self.env, "windowfocus", self.window, "key", "--window", self.window, key)
            time.sleep(0.4)

    def picture(self) -> np.ndarray:
        """The screen where the window is."""
        return screenshot(self.env, 0, 0, 160, 160)

    def moves(self) -> bool:
        before = self.picture()
        time.sleep(0.5)
        return not np.array_equal(self.picture(), before)

    def wait_for(self, what: Callable[[], bool], patience: float = 30) -> None:
        until = time.monotonic() + patience
        while not what():
            assert self.process.poll() is None, "it ended"
            assert time.monotonic() < until, "it never happened"
            time.sleep(0.1)

    def end(self) -> str:
        _, err = self.process.communicate(timeout=30)
        return err


@pytest.fixture
def live(tmp_path: Path, live_model: Path) -> Iterator[Live]:
    for seed, name in enumerate(("one.png", "two.png")):
        noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / name), cv2.resize(noise, (96, 96), interpolation=cv2.INTER_NEAREST))
    with display() as env:
        started = Live(env, tmp_path, live_model)
        try:
            started.begin()
            yield started
        finally:
            if started.process.poll() is None:
                started.process.kill()
                started.process.communicate()


@pytest.mark.slow
def test_keys_do_what_people_expect(live: Live) -> None:
    live.press("s")
    live.wait_for(lambda: bool(list(live.folder.glob("vidstyle-*.png"))))
    live.press("r")
    live.wait_for(lambda: bool(list(live.folder.glob(".vidstyle-*.part.mkv"))))
    time.sleep(1)
    live.press("r")
    live.wait_for(lambda: bool(list(live.folder.glob("vidstyle-*.mkv"))))
    live.press("m", "c", "f", "n", "equal", "minus", "p")
    live.press("space")
    live.wait_for(lambda: not live.moves())
    assert not live.moves()
    live.press("space")
    live.wait_for(live.moves)
    live.press("q")
    err = live.end()
    assert live.process.returncode == 0, err
    assert "snapshot vidstyle-" in err
    assert err.splitlines()[-1].startswith("vidstyle: recorded vidstyle-")
    with av.open(str(next(live.folder.glob("vidstyle-*.mkv")))) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 2


@pytest.mark.slow
def test_closing_the_window_ends_it(live: Live) -> None:
    live.press("r")
    live.wait_for(lambda: bool(list(live.folder.glob(".vidstyle-*.part.mkv"))))
    ask_to_close(live.env, live.window)
    err = live.end()
    assert live.process.returncode == 0, err
    assert list(live.folder.glob("vidstyle-*.mkv"))
