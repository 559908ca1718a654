"""`vidstyle studio` as visitors use it: in a browser."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Vidstyle, spawned
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tiny_media import count_frames, write_clip

from vidstyle.media import read_metadata

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-proxy-server", "--window-size=1400,1400"),
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="the page is tested in Chromium: apt install chromium chromium-driver",
    ),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process"),
]


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """The page, served; ended by Ctrl-C, which is to leave nothing behind."""
    temporary = folder / "tmp"
    temporary.mkdir()
    options: dict[str, Any] = {"stderr": subprocess.PIPE}
    os.environ["TMPDIR"] = str(temporary)
    try:
        process = spawned("studio", "--port", "0", **options)
    finally:
        del os.environ["TMPDIR"]
    assert process.stderr is not None
    yield process.stderr.readline().split()[1]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert list(temporary.iterdir()) == []


class Visitor:
    """A browser on the page."""

    def __init__(self, address: str, home: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (*FLAGS, f"--user-data-dir={home / 'profile'}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"download.default_directory": str(home)})
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self.browser = webdriver.Chrome(options, Service(DRIVER))
        self.browser.get(address)

    def see(self, place: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, place)

    def wait(self, seen: Callable[[], Any], what: str) -> Any:
        """What is seen once there is something to be seen."""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                if found := seen():
                    return found
            except WebDriverException:
                pass  # not there yet, or just being replaced
            time.sleep(0.05)
        raise AssertionError(f"never saw {what}; the page says {self.see('body').text}")

    def wait_for(self, place: str, text: str) -> str:
        def there() -> str | None:
            said = str(self.see(place).text)
            return said if text in said else None

        return str(self.wait(there, f"{text!r} in {place}"))

    def drop(self, place: str, file: Path) -> None:
        self.wait(lambda: self.see(f"{place} input[type=file]"), place).send_keys(str(file))

    def set(self, place: str, value: str) -> None:
        self.see(f"{place} input[type=number]").send_keys(Keys.CONTROL, "a", Keys.NULL, value, Keys.TAB)

    def press(self, place: str) -> None:
        self.wait(lambda: self.see(place).is_enabled(), f"{place} to be pressed")
        self.see(place).click()

    def pair(self) -> list[str]:
        """The addresses of the two pictures that are compared."""
        return [
            str(each.get_attribute("src"))
            for each in self.browser.find_elements(By.CSS_SELECTOR, "#pair img")
        ]

    def called(self) -> set[str]:
        """Every address of a network that the page asked for."""
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = [
            each["params"]["request"]["url"]
            for each in messages
            if each["method"] == "Network.requestWillBeSent"
        ]
        return {url for url in asked if url.startswith(("http", "ws", "ftp"))}


@pytest.fixture
def visitor(address: str, tmp_path: Path) -> Iterator[Visitor]:
    visitor = Visitor(address, tmp_path / "home")
    yield visitor
    visitor.browser.quit()


def test_a_clip_is_tried_rendered_stopped_rendered_again_compared_and_taken_home(
    folder: Path, address: str, visitor: Visitor, vidstyle: Vidstyle
) -> None:
    # Long: whoever stops it must not find it done, however quick the machine.
    write_clip(folder / "it's mine.mp4", (600,))
    visitor.drop("#clip", folder / "it's mine.mp4")
    visitor.drop("#style", folder / "style.png")
    visitor.wait_for("#facts", "64x48, 8 frames a second, 75 s, with sound")

    visitor.set("#moment", "0.5")
    visitor.wait_for("#caption", "The clip at 0.50 s.")
    visitor.press("#try")
    visitor.wait_for("#status", "painted in ")
    before, after = visitor.pair()
    assert before != after

    visitor.press("#render")
    visitor.wait_for("#status", " of 600 frames (")
    assert (
        0 < float(visitor.wait(lambda: visitor.see("#status progress").get_attribute("value"), "the bar")) < 1
    )
    visitor.press("#stop")
    visitor.wait_for("#status", "stopped. The same settings go on from here.")

    visitor.set("#strength", "0.8")
    visitor.set("#end", "0.5")
    command = visitor.wait_for("#command .cm-content", "--duration 0.5").replace("\n", "")
    visitor.press("#render")
    visitor.wait_for("#status", "4 frames of 64x48")
    visitor.wait_for("#caption", "Right: what was rendered")
    visitor.wait(lambda: visitor.see("#video video").get_attribute("src"), "the film")
    visitor.press("#download")
    taken = visitor.wait(lambda: list((folder / "home").glob("*.mp4")), "the download")[0]
    assert count_frames(taken) == 4

    ended = vidstyle(*shlex.split(command)[1:])
    assert ended.code == 0, ended.err
    own = record_of(folder / "it's mine-stylized.mp4")
    assert own["settings"] == record_of(taken)["settings"]
    assert own["settings"]["strength"] == 0.8
    assert {url for url in visitor.called() if not url.startswith(address)} == set()


def test_what_is_no_clip_is_told_in_a_line_and_a_visitor_who_leaves_takes_it_along(
    folder: Path, visitor: Visitor
) -> None:
    (folder / "diary.mp4").write_text("Dear diary,\n")
    visitor.drop("#clip", folder / "diary.mp4")
    told = visitor.wait_for("#status", "diary.mp4: ")
    assert "\n" not in told
    assert "uploads" not in told
    (desks,) = (folder / "tmp").glob("*/desks")
    assert list(desks.iterdir())
    visitor.browser.get("about:blank")
    visitor.wait(lambda: not list(desks.iterdir()), "the desk to be cleared")


def record_of(file: Path) -> dict[str, Any]:
    """How a file says that it was made."""
    told: dict[str, Any] = json.loads(read_metadata(file)["comment"])
    return told
