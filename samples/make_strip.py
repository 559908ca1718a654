"""Draw README's picture strip: a frame of the sample clip, and the same frame in the three sample styles.

    python samples/make_strip.py [--out docs/strip.jpg]

Each picture is the tenth frame of a render at standard quality, not a frame painted alone.
"""

from __future__ import annotations

import argparse
import tempfile
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

import vidstyle

HERE = Path(__file__).parent
START, DURATION = Fraction(6, 5), Fraction(2, 5)
STYLES = ("swirls", "ink", "mosaic")
INSET = 96  # pixels, height of the style's picture in the corner


def painted(style: str, folder: Path) -> np.ndarray:
    """(H, W, 3) uint8, the last frame of the stretch in a style."""
    output = folder / f"{style}.mkv"
    vidstyle.stylize(
        HERE / "harbour.mp4", HERE / "styles" / f"{style}.jpg", output, start=START, duration=DURATION
    )
    return list(vidstyle.read(output))[-1].bytes()


def with_inset(picture: np.ndarray, style: str) -> np.ndarray:
    """The picture with the style's in its lower left corner, on a white border."""
    whole = vidstyle.read_picture(HERE / "styles" / f"{style}.jpg").bytes()
    width = round(whole.shape[1] * INSET / whole.shape[0])
    small = cv2.resize(whole, (width, INSET), interpolation=cv2.INTER_AREA)
    inset = cv2.copyMakeBorder(small, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    result = picture.copy()
    result[-inset.shape[0] :, : inset.shape[1]] = inset
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "strip.jpg")
    out = parser.parse_args().out
    source = list(vidstyle.read(HERE / "harbour.mp4", start=START, duration=DURATION))[-1].bytes()
    with tempfile.TemporaryDirectory() as name:
        pictures = [source, *(with_inset(painted(style, Path(name)), style) for style in STYLES)]
    strip = np.concatenate([np.concatenate(pictures[:2], 1), np.concatenate(pictures[2:], 1)], 0)
    cv2.imwrite(str(out), cv2.cvtColor(strip, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
