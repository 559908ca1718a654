"""What a network of one's own learns from: frames of all of the footage."""

from collections.abc import Iterator

import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.pipeline.train import spread


def numbered(count: int) -> Iterator[Frame]:
    return (Frame(np.full((1, 1, 3), number, np.uint8)) for number in range(count))


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 17, 100, 250])
def test_practice_frames_are_spread_evenly_over_all_of_the_footage(count):
    kept = [int(pixels[0, 0, 0]) for pixels in spread(numbered(count), most=8)]
    steps = set(np.diff(kept).tolist())
    assert kept[0] == 0
    assert min(count, 5) <= len(kept) <= 8
    assert len(steps) <= 1, "some parts are looked at more closely than others"
    assert count - kept[-1] <= max(steps, default=1), "the end is left out"
