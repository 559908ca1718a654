"""The built-in network, with weights that the tests make up in place of the package's."""

import pytest
import torch
from safetensors.torch import save_file

from vidstyle.errors import WeightsError
from vidstyle.features import builtin, load_features
from vidstyle.features.frozen import FrozenStudent
from vidstyle.features.student import TAP_CHANNELS, StudentNetwork

IMAGE = torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def asset(tmp_path, monkeypatch):
    """A package folder whose asset the test may make, damage or leave out."""
    monkeypatch.setattr(builtin, "files", lambda package: tmp_path)
    (tmp_path / "assets").mkdir()
    return tmp_path / builtin.ASSET


@pytest.fixture
def student(asset):
    torch.manual_seed(0)
    network = StudentNetwork()
    save_file({name: value.half() for name, value in network.state_dict().items()}, asset)
    return network


def test_it_answers_as_the_student_whose_weights_it_was_given(student):
    network = load_features("builtin")
    with torch.no_grad():
        for tap, expected in zip(network(IMAGE), student(IMAGE), strict=True):
            torch.testing.assert_close(tap, expected, rtol=0.01, atol=0.01)  # the asset is half precision


def test_its_taps_have_the_shapes_that_its_strides_say(student):
    network = load_features("builtin")
    shapes = [tuple(tap.shape) for tap in network(IMAGE)]
    assert shapes == [(1, c, 48 // s, 64 // s) for c, s in zip(TAP_CHANNELS, network.strides, strict=True)]
    assert all(t.numel() for t in network(torch.rand(1, 3, network.smallest_side, network.smallest_side)))


def test_bfloat16_agrees_with_float32_and_passes_gradients(student):
    image = IMAGE.clone().requires_grad_()
    coarse = load_features("builtin", None, "cpu", torch.bfloat16)(image)
    for a, b in zip(coarse, load_features("builtin")(IMAGE), strict=True):
        assert a.dtype == torch.bfloat16
        assert float((a.detach().float() - b).norm() / b.norm()) < 0.03
    sum(tap.float().square().mean() for tap in coarse).backward()
    assert image.grad.dtype == torch.float32
    assert float(image.grad.abs().sum()) > 0


def test_the_fingerprint_is_that_of_the_weights_not_of_the_arithmetic(student, asset):
    first = load_features("builtin").fingerprint
    assert load_features("builtin", None, "cpu", torch.bfloat16).fingerprint == first
    save_file({name: value.half() * 2 for name, value in student.state_dict().items()}, asset)
    assert load_features("builtin").fingerprint != first


def test_missing_weights_say_to_install_again(asset):
    with pytest.raises(WeightsError, match=r"features\.safetensors: is missing.* pip install"):
        load_features("builtin")


@pytest.mark.parametrize("damage", ["cut", "junk", "empty", "renamed", "reshaped"])
def test_damaged_weights_are_refused(student, asset, damage):
    content = asset.read_bytes()
    if damage == "cut":
        asset.write_bytes(content[:-100])
    elif damage == "junk":
        asset.write_bytes(b"\xff" * 1000)
    elif damage == "empty":
        asset.write_bytes(b"")
    elif damage == "renamed":
        asset.write_bytes(content.replace(b"heads.0.weight", b"heads.9.weight"))
    else:
        save_file({name: value.flatten() for name, value in student.state_dict().items()}, asset)
    with pytest.raises(WeightsError, match="is damaged"):
        load_features("builtin")


@pytest.mark.parametrize("size", [(48, 64), (53, 71)])
@pytest.mark.parametrize("used", [(0, 1, 2, 3, 4), (2, 3), (0,)])
def test_its_gradients_are_those_of_autograd(student, size, used):
    student.requires_grad_(False)
    generator = torch.Generator().manual_seed(2)
    ours, theirs = (
        torch.rand(1, 3, *size, generator=generator.manual_seed(2)).requires_grad_() for _ in "12"
    )
    frozen = FrozenStudent(student)
    made = [head(each) for head, each in zip(frozen.heads, frozen(ours), strict=True)]
    for taps in (made, student(theirs)):
        weights = [torch.randn(tap.shape, generator=generator.manual_seed(3)) for tap in taps]
        sum((taps[index] * weights[index]).sum() for index in used).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5 * float(theirs.grad.abs().max()))


def test_it_sees_as_far_as_its_reach_says_and_no_further(student):
    network = load_features("builtin")
    image = torch.rand(1, 3, 256, 256).requires_grad_()
    seen = 0
    for tap, stride in zip(network(image), network.strides, strict=True):
        cell = 128 // stride
        (gradient,) = torch.autograd.grad(tap[..., cell, cell].square().sum(), image, retain_graph=True)
        rows = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
        first, last = cell * stride - int(rows[0]), int(rows[-1]) - (cell + 1) * stride + 1
        seen = max(seen, first, last)
    assert network.reach - network.strides[-1] <= seen <= network.reach
