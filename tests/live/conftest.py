"""The live network, and what it paints."""

import sys
from pathlib import Path

import pytest
import torch
from scene import CUT

from vidstyle.features import load_features
from vidstyle.live.painter import load_live
from vidstyle.media import read, read_picture

sys.path.insert(0, str(Path(__file__).parent))  # `live_pictures` lies here

from live_pictures import tensor

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def features():
    return load_features("builtin")


@pytest.fixture(scope="module")
def painter(features):
    return load_live(features, torch.float32)


@pytest.fixture(scope="module")
def styles():
    return {
        name: tensor(read_picture(SAMPLES / "styles" / f"{name}.jpg").floats())
        for name in ("swirls", "ink", "mosaic")
    }


@pytest.fixture(scope="module")
def frames():
    """One frame of each shot of the sample clip, (1, 3, 180, 320)."""
    clip = list(read(SAMPLES / "harbour.mp4", size=(180, 320)))
    return [tensor(clip[index].floats()) for index in (20, CUT + 10)]
