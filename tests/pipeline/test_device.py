from __future__ import annotations

import pytest
import torch

from vidstyle.errors import DeviceError
from vidstyle.pipeline.device import choose_device, choose_precision


def test_the_processor_is_always_there_and_computes_in_float32() -> None:
    device = choose_device("cpu")
    assert device == torch.device("cpu")
    assert choose_precision("auto", device) == torch.float32
    assert choose_precision("bfloat16", device) == torch.bfloat16


@pytest.mark.parametrize("name", ["banana", "cuda:99", ""])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(DeviceError) as error:
        choose_device(name)
    assert error.value.hint


def test_auto_takes_what_the_machine_has() -> None:
    expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert choose_device("auto").type == expected
