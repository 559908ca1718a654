"""The live network: what a style becomes, what a frame becomes, and the files that hold it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from commands import one_thread  # noqa: F401
from live_pictures import learn, painted, pixels, tensor
from safetensors.torch import save

from vidstyle.errors import WeightsError
from vidstyle.live.leaves import dead_leaves
from vidstyle.live.model import read_model, write_model
from vidstyle.live.network import DEEP, DESCRIPTION, LiveNetwork, _place_by_place, folded, paint, unfolded
from vidstyle.live.painter import load_live
from vidstyle.live.style import described, learned
from vidstyle.quality.style import style_distance, style_moments, taps_of
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.targets import style_target

SAMPLES = Path(__file__).parents[2] / "samples"
ASSET = Path(__file__).parents[2] / "vidstyle" / "assets" / "live.safetensors"


@pytest.mark.parametrize(("name", "share"), [("swirls", 0.4), ("ink", 0.4), ("mosaic", 0.65)])
def test_a_painted_frame_is_far_nearer_to_a_style_that_the_network_never_saw(
    name, share, painter, features, styles, frames
):
    style = learn(painter, styles[name])
    small = torch.nn.functional.interpolate(styles[name], (180, 240), mode="area")
    wanted = style_moments([(pixels(small), 1.0)], features)
    for frame in frames:
        bare = style_distance(taps_of(pixels(frame), features), wanted, features)
        result = pixels(painted(painter, frame, style))
        assert style_distance(taps_of(result, features), wanted, features) < share * bare
        assert result.min() >= 0
        assert result.max() <= 1


def test_borders_are_painted_like_the_rest(painter, styles, frames):
    """A network that sees zeros beyond the border paints a frame around the picture."""
    frame = frames[0]
    style = learn(painter, styles["swirls"])
    whole = painted(painter, frame, style)
    wide = torch.nn.functional.pad(frame, (24, 24, 24, 24), mode="reflect")
    inside = painter.paint(pixels(wide), style, Colors(*pixel_moments(frame)))[..., 24:-24, 24:-24]
    error = (whole - inside).abs().mean(1)[0]
    assert float(error[:4].mean()) < 3 * float(error[60:-60].mean()) + 0.02


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (90, 161)])
def test_any_size_is_painted_whole(size, painter, styles):
    frame = tensor(dead_leaves(*size, np.random.default_rng(0)))
    result = painted(painter, frame, learn(painter, styles["ink"]))
    assert result.shape == frame.shape
    assert bool(torch.isfinite(result).all())


def test_a_flat_frame_and_a_flat_style_are_finite(painter, styles):
    grey = torch.full((1, 3, 48, 64), 0.5)
    for style in (learn(painter, grey), learn(painter, styles["ink"])):
        assert bool(torch.isfinite(painted(painter, grey, style)).all())


def test_a_mixture_goes_from_one_style_to_the_other(painter, styles, frames):
    swirls, ink = learn(painter, styles["swirls"]), learn(painter, styles["ink"])
    ends = [painted(painter, frames[0], style) for style in (swirls, ink)]
    steps = [
        painted(painter, frames[0], painter.mix([swirls, ink], [1 - share, share])) for share in (0, 0.5, 1)
    ]
    assert torch.allclose(steps[0], ends[0], atol=1e-4)
    assert torch.allclose(steps[2], ends[1], atol=1e-4)
    far = float((ends[0] - ends[1]).square().mean())
    assert 0 < float((steps[1] - ends[0]).square().mean()) < far


def test_kernels_are_the_mixture_of_experts_that_the_style_wants():
    torch.manual_seed(0)
    network = LiveNetwork()
    convolution = network.blocks[0]
    experts = len(convolution.kernels)
    wishes = torch.zeros(convolution.wants)
    wishes[:experts] = torch.eye(experts)[0] - 1 / experts
    layer = convolution.layer(wishes)
    assert torch.allclose(layer.kernel, convolution.kernels[0])
    assert torch.equal(layer.scale, torch.ones(DEEP))
    assert torch.equal(layer.shift, torch.zeros(DEEP))


def test_a_model_comes_back_from_its_file_as_it_was(tmp_path, features, styles, frames, painter):
    network, own, marks = read_model(
        Path(load_live.__globals__["files"]("vidstyle").joinpath("assets/live.safetensors"))
    )
    assert own is None
    assert marks == painter.fingerprint
    target = style_target(features, [styles["ink"]], [1.0], height=180, style_size=1.0)
    style = learned(network, target)
    write_model(tmp_path / "own.safetensors", network, style, {"styles": "ink.jpg"})
    again = load_live(features, torch.float32, tmp_path / "own.safetensors")
    assert again.own_style is not None
    expected = painted(painter, frames[0], painter.learn([styles["ink"]], [1.0], height=180))
    assert torch.allclose(painted(again, frames[0], again.own_style), expected, atol=2e-3)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other", "text"])
def test_a_bad_model_is_refused_by_name(damage, tmp_path, features):
    path = tmp_path / "model.safetensors"
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(ASSET.read_bytes()[:-1000])
    elif damage == "other":
        path.write_bytes(ASSET.with_name("features.safetensors").read_bytes())
    elif damage == "text":
        path.write_text("not a model")
    with pytest.raises(WeightsError) as error:
        load_live(features, torch.float32, path)
    assert str(path) in str(error.value)


def test_a_model_of_an_earlier_network_is_told_from_a_damaged_one(tmp_path, features):
    path = tmp_path / "old.safetensors"
    path.write_bytes(save({"enter.bias": torch.zeros(64)}, metadata={"format": "vidstyle-live-1"}))
    with pytest.raises(WeightsError, match="earlier vidstyle") as error:
        load_live(features, torch.float32, path)
    assert "vidstyle train" in str(error.value)


def test_dead_leaves_have_edges_of_all_scales():
    leaves = dead_leaves(128, 160, np.random.default_rng(3))
    assert leaves.shape == (128, 160, 3)
    assert leaves.dtype == np.float32
    assert 0 <= leaves.min() < 0.2
    assert 0.8 < leaves.max() <= 1
    # Natural pictures lose little contrast when they shrink; noise loses half of it at each step.
    contrast = [
        float(cv2.resize(leaves, (160 // n, 128 // n), interpolation=cv2.INTER_AREA).std()) for n in (1, 8)
    ]
    assert contrast[1] > 0.5 * contrast[0]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("taught", [False, True])
def test_channels_go_place_by_place_and_mean_what_they_meant(dtype, taught):
    """The weights know the order of torch's pixel shuffle; pictures move in a faster one."""
    torch.manual_seed(0)
    image = (torch.rand(2, 3, 32, 40) * 255).to(dtype)
    image.requires_grad_(taught and dtype.is_floating_point)
    for by in (2, 4):
        order = _place_by_place(3 * by * by, by)
        assert torch.equal(folded(image, by), torch.nn.functional.pixel_unshuffle(image, by)[:, order])
        assert torch.equal(unfolded(folded(image, by), by), image)


def test_the_description_of_a_style_is_as_long_as_the_encoder_expects(features, styles):
    target = style_target(features, [styles["ink"]], [1.0], height=96, style_size=1.0)
    assert described(target).shape == (DESCRIPTION,)
    layers = LiveNetwork().kernels(torch.zeros(LiveNetwork().encoder.layers[-1].out_features))
    assert paint(folded(torch.zeros(1, 3, 32, 40)), layers).shape == (1, 3, 32, 40)
