"""VGG-19 from made-up weights: the definition, the taps, and what may be wrong with a file."""

import builtins

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from vidstyle.errors import DeviceError, SettingsError, WeightsError
from vidstyle.features import load_features
from vidstyle.features.student import MEAN, SPREAD
from vidstyle.features.vgg import SCORING, load_vgg19

IMAGE = torch.rand(2, 3, 40, 56, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory, vgg_state):
    path = tmp_path_factory.mktemp("vgg") / "vgg.safetensors"
    save_file(vgg_state, path)
    return path


def by_hand(state, image, last):
    """relu of each convolution up to `features.{last}`, written out from the paper."""
    mean, spread = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, SPREAD))
    hidden, outputs = (image - mean) / spread, {}
    for number in (0, 2, 5, 7, 10, 12):
        if number > last:
            break
        if number in (5, 10):
            hidden = F.max_pool2d(hidden, 2)
        weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
        hidden = F.relu(F.conv2d(hidden, weight, bias, padding=1))
        outputs[number] = hidden
    return outputs


def test_the_taps_are_vggs_on_an_image_pyramid(weights_file, vgg_state):
    network = load_vgg19(weights_file, "cpu", torch.float32)
    taps = network(IMAGE)
    whole, half, quarter = (
        by_hand(vgg_state, F.avg_pool2d(IMAGE, size) if size > 1 else IMAGE, 12) for size in (1, 2, 4)
    )
    for number, expected in zip(
        network.style_taps, [whole[0], whole[5], whole[10], half[10], quarter[10]], strict=True
    ):
        torch.testing.assert_close(taps[number], expected, rtol=1e-4, atol=1e-4)
    for number, expected in zip(network.content_taps, [whole[12], half[12]], strict=True):
        torch.testing.assert_close(taps[number], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("plan", ["solving", "scoring"])
def test_strides_say_the_size_of_every_tap(weights_file, plan):
    extra = {"plan": SCORING} if plan == "scoring" else {}
    network = load_vgg19(weights_file, "cpu", torch.float32, **extra)
    for tap, stride in zip(network(IMAGE), network.strides, strict=True):
        assert tap.shape[2:] == (40 // stride, 56 // stride)
    side = network.smallest_side
    assert all(tap.numel() for tap in network(torch.rand(1, 3, side, side)))


def test_scoring_takes_three_layers_at_three_levels(weights_file):
    network = load_vgg19(weights_file, "cpu", torch.float32, plan=SCORING)
    assert len(network.style_taps) == 9
    assert [network.strides[n] for n in network.content_taps] == [4, 8, 16]


def test_weights_cut_off_after_conv3_1_do_and_give_the_same_style_taps(tmp_path, weights_file, vgg_state):
    save_file({k: v for k, v in vgg_state.items() if "12" not in k}, tmp_path / "short.safetensors")
    short = load_vgg19(tmp_path / "short.safetensors", "cpu", torch.float32)
    whole = load_vgg19(weights_file, "cpu", torch.float32)
    assert short.content_taps == (2, 3)  # relu3_1 holds the content, as in the built-in network
    assert short.style_taps == (0, 1, 2, 3, 4)
    for a, b in zip(short.style_taps, whole.style_taps, strict=True):
        assert torch.equal(short(IMAGE)[a], whole(IMAGE)[b])


def test_only_the_layers_needed_are_kept(tmp_path, vgg_state):
    deeper = {
        **vgg_state,
        "features.14.weight": torch.ones(256, 256, 3, 3),
        "classifier.6.bias": torch.ones(9),
    }
    save_file(deeper, tmp_path / "deep.safetensors")
    torch.save(vgg_state, tmp_path / "vgg.pth")
    deep = load_vgg19(tmp_path / "deep.safetensors", "cpu", torch.float32)
    assert deep.fingerprint == load_vgg19(tmp_path / "vgg.pth", "cpu", torch.float32).fingerprint


@pytest.mark.parametrize(("lost", "complaint"), [("features.5.bias", "lacks features.5.bias")])
def test_a_gap_in_the_layers_is_named(tmp_path, vgg_state, lost, complaint):
    save_file({k: v for k, v in vgg_state.items() if k != lost}, tmp_path / "gap.safetensors")
    with pytest.raises(WeightsError, match=complaint):
        load_vgg19(tmp_path / "gap.safetensors", "cpu", torch.float32)


def test_another_networks_weights_are_refused(tmp_path, vgg_state):
    save_file({**vgg_state, "features.0.weight": torch.ones(96, 3, 11, 11)}, tmp_path / "alexnet.safetensors")
    with pytest.raises(WeightsError, match="shape"):
        load_vgg19(tmp_path / "alexnet.safetensors", "cpu", torch.float32)


def test_gradients_reach_the_image_and_not_the_weights(weights_file):
    image = IMAGE.clone().requires_grad_()
    network = load_features("vgg19", weights_file)
    sum(tap.square().mean() for tap in network(image)).backward()
    assert float(image.grad.abs().sum()) > 0
    assert not any(parameter.requires_grad for parameter in network._layers.parameters())


def test_bfloat16_agrees_with_float32(weights_file):
    coarse = load_features("vgg19", weights_file, "cpu", torch.bfloat16)(IMAGE)
    for a, b in zip(coarse, load_features("vgg19", weights_file)(IMAGE), strict=True):
        assert a.dtype == torch.bfloat16
        assert float((a.float() - b).norm() / b.norm()) < 0.02


def test_a_torchvision_built_for_another_torch_is_named_with_its_cure(weights_file, monkeypatch):
    honest = builtins.__import__

    def broken(name, *args, **kwargs):
        if name.startswith("torchvision"):
            raise RuntimeError("operator torchvision::nms does not exist")
        return honest(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(DeviceError, match=r"torchvision: does not fit torch .*nms.* pip install"):
        load_features("vgg19", weights_file)


def test_a_device_that_is_not_there_is_a_device_error(weights_file):
    with pytest.raises(DeviceError, match="--device cpu"):
        load_features("vgg19", weights_file, "cuda:63")


def test_weights_for_the_built_in_network_are_a_contradiction(weights_file):
    with pytest.raises(SettingsError, match="--features vgg19"):
        load_features("builtin", weights_file)


@pytest.mark.parametrize("plan", ["solving", "scoring"])
def test_it_sees_no_further_than_its_reach_says(weights_file, plan):
    network = load_vgg19(
        weights_file, "cpu", torch.float32, **({"plan": SCORING} if plan == "scoring" else {})
    )
    image = torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(2)).requires_grad_()
    for tap, stride in zip(network(image), network.strides, strict=True):
        cell = 80 // stride
        (gradient,) = torch.autograd.grad(tap[..., cell, cell].sum(), image, retain_graph=True)
        rows = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
        assert cell * stride - int(rows[0]) <= network.reach
        assert int(rows[-1]) < (cell + 1) * stride + network.reach
