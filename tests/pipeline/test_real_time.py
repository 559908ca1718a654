from __future__ import annotations

import pytest
import torch

from vidstyle.features.eight_bits import MOST_OF_KERNEL
from vidstyle.pipeline import real_time
from vidstyle.pipeline.real_time import longest_side

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("dot_products", "threads", "side"),
    [(True, 1, 480), (True, 2, 640), (True, 16, 640), (False, 1, 320), (False, 2, 480), (False, 4, 640)],
)
def test_in_bytes_it_hangs_on_cores_and_on_dot_products(
    dot_products: bool, threads: int, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real_time, "most_of_kernel", lambda: MOST_OF_KERNEL[0 if dot_products else 1])
    assert longest_side(CPU, torch.int8, threads) == side


@pytest.mark.parametrize(("dtype", "side"), [(torch.float32, 320), (torch.bfloat16, 640)])
def test_float32_is_slower_than_what_is_made_for_it(dtype: torch.dtype, side: int) -> None:
    assert longest_side(CPU, dtype, 2) == side


def test_a_card_paints_what_cameras_film() -> None:
    assert longest_side(torch.device("cuda"), torch.float32, 1) == 1920
