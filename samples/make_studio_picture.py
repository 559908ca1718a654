"""Draw docs/studio.jpg: the page of `vidstyle studio` in Chromium, with a frame of the sample clip tried.

apt install chromium chromium-driver
python samples/make_studio_picture.py [--out docs/studio.jpg]
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HERE = Path(__file__).parent
MOMENT = "1.5"  # seconds of the clip: balloons, a boat and houses on both sides of the divider
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1360,1180")


def until(seen: Callable[[], bool]) -> None:
    """Wait for something to be on the page."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        try:
            if seen():
                return
        except WebDriverException:
            pass  # not there yet
        time.sleep(0.1)
    raise TimeoutError("the page does not show what it should")


def picture_of(address: str, profile: str) -> np.ndarray:
    """(H, W, 3) uint8 BGR: the page after a frame was tried."""
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    # Both by name: Selenium would ask the network for them.
    options.binary_location = shutil.which("chromium") or ""
    browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        browser.get(address)

        def see(place: str) -> webdriver.remote.webelement.WebElement:
            return browser.find_element(By.CSS_SELECTOR, place)

        def drop(place: str, file: Path) -> None:
            until(lambda: see(f"{place} input[type=file]") is not None)
            see(f"{place} input[type=file]").send_keys(str(file.resolve()))

        drop("#clip", HERE / "harbour.mp4")
        drop("#style", HERE / "styles" / "swirls.jpg")
        until(lambda: "480x270" in see("#facts").text)
        see("#moment input[type=number]").send_keys(Keys.CONTROL, "a", Keys.NULL, MOMENT, Keys.TAB)
        until(lambda: f"{float(MOMENT):.2f} s" in see("#caption").text)
        see("#try").click()
        until(lambda: "painted in" in see("#status").text)
        time.sleep(1)  # the divider and the buttons glide into their places
        png = np.frombuffer(browser.get_screenshot_as_png(), np.uint8)
        picture = cv2.imdecode(png, cv2.IMREAD_COLOR)
        if picture is None:
            raise RuntimeError("Chromium's picture of the page is no picture")
        return picture
    finally:
        browser.quit()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "studio.jpg")
    out = parser.parse_args().out
    command = [sys.executable, "-m", "vidstyle", "studio", "--port", "0"]
    with (
        tempfile.TemporaryDirectory() as profile,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as page,
    ):
        try:
            picture = picture_of((page.stderr.readline() if page.stderr else "").split()[1], profile)
        finally:
            page.send_signal(signal.SIGINT)
    cv2.imwrite(str(out), picture, [cv2.IMWRITE_JPEG_QUALITY, 84])


if __name__ == "__main__":
    main()
