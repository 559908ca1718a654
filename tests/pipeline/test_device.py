from __future__ import annotations

import pytest
import torch

from vidstyle.errors import DeviceError
from vidstyle.pipeline.device import choose_device, choose_precision


def test_the_processor_is_always_there() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_precision("bfloat16", choose_device("cpu")) == torch.bfloat16


@pytest.mark.parametrize(
    ("capabilities", "precision", "without_bytes"),
    [
        ({"avx512_bf16": True}, torch.bfloat16, torch.bfloat16),
        ({"avx512_bf16": True, "cpu_name": "AMD EPYC"}, torch.bfloat16, torch.bfloat16),
        # Half as fast as multiplications.
        ({"avx512_bf16": True, "cpu_name": "Intel Xeon"}, torch.float32, torch.float32),
        ({"avx512_bf16": True, "cpu_name": "Intel Xeon", "amx_bf16": True}, torch.bfloat16, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16, torch.bfloat16),
        ({"avx2": True, "avx512_vnni": True, "amx_bf16": True}, torch.bfloat16, torch.bfloat16),
        ({"avx2": True, "avx512_bf16": True, "cpu_name": "Intel Xeon"}, torch.int8, torch.float32),
        ({"avx2": True, "avx512_bf16": True, "cpu_name": "AMD EPYC"}, torch.int8, torch.bfloat16),
        ({"avx2": True, "avx_vnni": True, "cpu_name": "Intel Core"}, torch.int8, torch.float32),
        ({"avx512_bf16": False, "avx2": True}, torch.int8, torch.float32),
        ({"neon": True}, torch.float32, torch.float32),
        ({}, torch.float32, torch.float32),
    ],
)
def test_the_processor_computes_in_what_is_quickest(
    monkeypatch: pytest.MonkeyPatch,
    capabilities: dict[str, object],
    precision: torch.dtype,
    without_bytes: torch.dtype,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    monkeypatch.setattr("vidstyle.pipeline.device.works_here", lambda: True)
    assert choose_precision("auto", torch.device("cpu")) == precision
    assert choose_precision("auto", torch.device("cpu"), in_bytes=False) == without_bytes


def test_bytes_that_torch_cannot_multiply_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True}, raising=False)
    monkeypatch.setattr("vidstyle.pipeline.device.works_here", lambda: False)
    assert choose_precision("auto", torch.device("cpu")) == torch.float32


@pytest.mark.parametrize("name", ["banana", "cuda:99", ""])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(DeviceError) as error:
        choose_device(name)
    assert error.value.hint


def test_auto_takes_what_the_machine_has() -> None:
    expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert choose_device("auto").type == expected
