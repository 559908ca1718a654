"""Convolutions in 8 bits: as torch's own in float32, but for rounding."""

import pytest
import torch
import torch.nn.functional as F

from vidstyle.errors import DeviceError, SettingsError
from vidstyle.features import eight_bits, load_features
from vidstyle.features.eight_bits import (
    MOST,
    MOST_OF_KERNEL,
    ZERO,
    ByteConvolution,
    codes_of,
    most_of_kernel,
    signed_codes,
    works_here,
)
from vidstyle.live.codes import fitted_codes
from vidstyle.pipeline.device import choose_precision
from vidstyle.settings import Settings

needs_bytes = pytest.mark.skipif(not works_here(), reason="torch has no products of bytes here")
CPU = torch.device("cpu")


def numbers(*shape, seed=0):
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return made.contiguous(memory_format=torch.channels_last) if made.dim() == 4 else made


def off(made, exact):
    return float(((made - exact).norm() / exact.norm()).detach())


def test_bytes_count_what_they_stand_for():
    some = numbers(1, 4, 5, 6)
    codes, step = signed_codes(some, in_place=False)
    assert codes.dtype == torch.int8
    assert float((codes * step - some).abs().max()) <= step * 0.501
    assert int(codes.abs().max()) == 127
    codes, step, lowest = fitted_codes(some, positive=False)
    assert (int(codes.min()), int(codes.max())) == (0, MOST)
    assert float((codes * step + lowest - some).abs().max()) <= step * 0.501


def test_too_large_numbers_become_the_most_that_a_byte_holds():
    assert codes_of(torch.tensor([0.0, 0.49, 0.51, 300.0, 1e6]), 1.0).tolist() == [0, 0, 1, 255, 255]


def test_nothing_at_all_is_counted_without_a_fault():
    for codes in (
        signed_codes(torch.zeros(3), in_place=True)[0],
        fitted_codes(torch.zeros(1, 1, 1, 3), positive=True)[0],
    ):
        assert not codes.any()


@needs_bytes
def test_the_largest_products_do_not_overflow():
    kernel = torch.ones(8, 16, 3, 3)
    bright = torch.ones(1, 16, 8, 8).contiguous(memory_format=torch.channels_last)
    made = ByteConvolution(kernel, None)(codes_of(bright, 1 / MOST), 1 / MOST)
    assert float((made - 16 * 9).abs().max()) < 0.5


@needs_bytes
@pytest.mark.parametrize("most", MOST_OF_KERNEL)
def test_what_is_flat_is_seen_as_it_is(most):
    """Each kernel's bytes sum to what it sums to, to half a byte: rounded one by one they are off by 1.5."""
    kernel = numbers(16, 8, 3, 3)
    product = ByteConvolution(kernel, None, most=most)
    step = kernel.abs().amax((1, 2, 3)) / most
    for channel in range(8):
        flat = torch.zeros(1, 8, 5, 5).contiguous(memory_format=torch.channels_last)
        flat[:, channel] = 1.0
        away = product(codes_of(flat, 1 / MOST), 1 / MOST)[0, :, 0, 0] - kernel[:, channel].sum((1, 2))
        assert float((away.abs() / step).max()) <= 0.51


@pytest.mark.parametrize(("overflows", "most"), [((), 127), ((127,), 64), ((127, 64), None)])
def test_kernels_have_as_many_bytes_as_the_machine_multiplies_rightly(monkeypatch, overflows, most):
    monkeypatch.setattr(eight_bits, "_right", lambda most: most not in overflows)
    assert most_of_kernel.__wrapped__() == most


@needs_bytes
@pytest.mark.parametrize(("stride", "padding"), [(1, 1), (2, 0), (1, 0)])
def test_it_gives_what_a_convolution_gives(stride, padding):
    kernel, bias = numbers(24, 16, 3, 3), numbers(24)
    exact = F.conv2d(numbers(1, 16, 20, 31, seed=1).relu(), kernel, bias, stride=stride, padding=padding)
    product = ByteConvolution(kernel, bias, stride=stride, padding=padding)
    codes, step, _ = fitted_codes(numbers(1, 16, 20, 31, seed=1).relu(), positive=True)
    assert off(product(codes, step), exact) < 0.02
    assert off(product.relu(codes, step), exact.relu()) < 0.02
    out_step = float(exact.amax()) / MOST
    assert off(product.relu_bytes(codes, step, out_step) * out_step, exact.relu()) < 0.03


@needs_bytes
def test_what_bytes_count_from_is_heard():
    kernel, some = numbers(8, 16, 3, 3), numbers(1, 16, 12, 12, seed=2) - 1.5
    product = ByteConvolution(kernel, None)
    assert off(product(*fitted_codes(some, positive=False)), F.conv2d(some, kernel)) < 0.02


@needs_bytes
def test_outputs_are_scaled_and_shifted_at_once():
    """As a normalisation wants it, upside down as well."""
    kernel, bias, some = numbers(8, 16, 3, 3), numbers(8), numbers(1, 16, 12, 12, seed=2) - 1.5
    gain, shift = numbers(8, seed=3), numbers(8, seed=4)
    assert float(gain.min()) < 0 < float(gain.max())
    exact = F.conv2d(some, kernel, bias) * gain.view(-1, 1, 1) + shift.view(-1, 1, 1)
    product = ByteConvolution(kernel, bias).scaled(gain, shift)
    codes = fitted_codes(some, positive=False)
    assert off(product(*codes), exact) < 0.02
    step = float(exact.amax()) / MOST
    assert off(product.relu_bytes(codes.values, codes.step, step, codes.lowest) * step, exact.relu()) < 0.03


@needs_bytes
def test_numbers_below_zero_are_padded_by_zero():
    kernel, some = numbers(8, 16, 3, 3), numbers(1, 16, 12, 12, seed=2)
    product = ByteConvolution(kernel, None, padding=1, zero=ZERO)
    codes, step = signed_codes(some, in_place=False)
    made = product(codes.view(torch.uint8) ^ ZERO, step)
    assert off(made, F.conv2d(some, kernel, padding=1)) < 0.02


@needs_bytes
def test_features_in_8_bits_are_those_of_the_network():
    image = F.interpolate(numbers(1, 3, 12, 16).sigmoid(), (96, 128), mode="bicubic").clamp(0, 1)
    one, other = image.clone().requires_grad_(), image.clone().requires_grad_()
    exact, coarse = load_features("builtin")(one), load_features("builtin", dtype=torch.int8)(other)
    for a, b in zip(coarse, exact, strict=True):
        assert a.dtype == torch.float32
        # A share of 0.004 of the variance: the student is 0.02 to 0.15 off its teacher.
        assert off(a, b) < 0.06
    wanted = [tap.detach().mean((2, 3), keepdim=True) for tap in exact]
    for taps in (exact, coarse):
        sum((tap - mean).square().mean() for tap, mean in zip(taps, wanted, strict=True)).backward()
    assert float(F.cosine_similarity(one.grad.flatten(), other.grad.flatten(), 0)) > 0.9
    assert 0.8 < float(other.grad.norm() / one.grad.norm()) < 1.25


@needs_bytes
def test_hardly_anything_in_a_picture_is_too_large(monkeypatch):
    """What saturates teaches nothing: the ranges hold natural pictures."""
    shares = []

    def watched(counts):
        shares.append(float((counts > MOST - ZERO).float().mean()))
        return unsigned(counts)

    unsigned = eight_bits.unsigned
    monkeypatch.setattr(eight_bits, "unsigned", watched)
    monkeypatch.setattr("vidstyle.features.byte_stages.unsigned", watched)
    blobs = F.interpolate(numbers(1, 3, 12, 16).mul(2).sigmoid(), (96, 128), mode="bicubic").clamp(0, 1)
    load_features("builtin", dtype=torch.int8)(blobs)
    assert len(shares) == 5  # of the image, and after each of four poolings
    assert max(shares) < 5e-3


def test_int8_is_refused_where_it_cannot_be_had(monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.device.works_here", lambda: False)
    with pytest.raises(DeviceError, match="int8"):
        choose_precision("int8", CPU)
    with pytest.raises(DeviceError, match="int8"):
        choose_precision("int8", torch.device("cuda"))
    with pytest.raises(SettingsError, match="VGG-19"):
        Settings.preset("draft", features="vgg19", precision="int8")


def test_a_torch_without_the_operators_is_noticed(monkeypatch):
    monkeypatch.setattr(eight_bits, "_operators", lambda: object())
    assert most_of_kernel.__wrapped__() is None
