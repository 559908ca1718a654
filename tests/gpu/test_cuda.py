"""What only a graphics card can show; skipped without one. Needs no other test's help: `pytest tests/gpu`."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from vidstyle.features import load_features
from vidstyle.frames import Motion
from vidstyle.live.painter import load_live
from vidstyle.media import read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline.device import choose_device
from vidstyle.pipeline.painter import live_painter
from vidstyle.settings import Settings
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.optimiser import OptimisingStylizer
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.stylizer import StylePicture

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA card here")

SAMPLES = Path(__file__).parents[2] / "samples"
SIZE = (180, 320)


@pytest.fixture(scope="module")
def moving():
    choose_device("cuda")
    return list(track(islice(read(SAMPLES / "harbour.mp4", size=SIZE), 6)))


@pytest.fixture(scope="module")
def style():
    return StylePicture(read_picture(SAMPLES / "styles" / "swirls.jpg").pixels)


def painted(moving, style, *, graphs=True, precision=torch.bfloat16, **settings):
    """The last of some frames, painted on the card."""
    network = load_features("builtin", device="cuda", dtype=precision)
    wanted = Settings(**{"first_steps": (8, 8, 4), "steps": 3, "min_steps": 3, **settings})
    stylizer = OptimisingStylizer([style], wanted, network)
    if not graphs:
        stylizer.graphs = None
    last = stylizer.start(moving[0][0])
    for frame, motion in moving[1:]:
        last = stylizer.next(frame, motion)
    return last.floats()


@pytest.mark.parametrize(
    "settings",
    [{}, {"detail": 0.5, "smooth": 0.5}, {"strength": 0.6}, {"keep_colors": "match"}, {"style_loss": "gram"}],
    ids=str,
)
def test_graphs_paint_what_single_operations_do(moving, style, settings):
    assert np.array_equal(
        painted(moving, style, **settings), painted(moving, style, graphs=False, **settings)
    )


def test_the_same_frames_come_out_twice(moving, style):
    assert np.array_equal(painted(moving, style), painted(moving, style))


def test_a_first_frame_is_that_of_the_processor(moving, style):
    wanted = Settings(first_steps=(2, 2), steps=1, min_steps=1)
    found = [
        OptimisingStylizer([style], wanted, load_features("builtin", device=device, dtype=torch.float32))
        .start(moving[0][0])
        .floats()
        for device in ("cuda", "cpu")
    ]
    assert np.abs(found[0] - found[1]).mean() < 0.01


def test_the_network_answers_what_it_does_on_the_processor():
    image = torch.rand(1, 3, 101, 157, generator=torch.Generator().manual_seed(0))
    found = {}
    for device in ("cuda", "cpu"):
        choose_device(device)
        variable = image.to(device).requires_grad_()
        taps = load_features("builtin", device=device, dtype=torch.float32)(variable)
        (gradient,) = torch.autograd.grad(sum(tap.square().mean() for tap in taps), variable)
        found[device] = [*(tap.detach().cpu() for tap in taps), gradient.cpu()]
    for there, here in zip(found["cuda"], found["cpu"], strict=True):
        assert float((there - here).norm() / here.norm()) < 1e-4


def test_the_live_network_paints_what_it_does_on_the_processor(moving, style):
    frame = moving[0][0]
    colors = Colors(*pixel_moments(tensor_of(frame.pixels)))
    found = []
    for device in ("cuda", "cpu"):
        painter = load_live(load_features("builtin", device=device, dtype=torch.float32), torch.float32)
        picture = tensor_of(style.pixels, torch.device(device))
        learned = painter.learn([picture], [1.0], height=frame.height)
        found.append(painter.paint(frame.pixels, learned, colors).cpu())
    assert float((found[0] - found[1]).abs().mean()) < 0.01


def test_a_live_stream_goes_on_elsewhere(moving, style):
    settings = Settings.preset("live", practice=0, device="cuda")
    whole, other = (live_painter([style], settings).stylizer for _ in range(2))
    still = Motion(np.zeros((90, 160, 2), np.float32), np.ones((90, 160), np.float32), cut=False)
    whole.start(moving[0][0])
    other.restore(whole.state())
    one, two = (stylizer.next(moving[1][0], still).pixels for stylizer in (whole, other))
    assert np.array_equal(one, two)
