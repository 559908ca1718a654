import pytest
import torch
from commands import one_thread  # noqa: F401

from vidstyle.features.vgg import CONVOLUTIONS


def made_up_weights(last: int, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights of VGG-19's shapes, up to the convolution `features.{last}`."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for number, (channels, width) in CONVOLUTIONS.items():
        if number <= last:
            state[f"features.{number}.weight"] = (
                torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** 0.5
            )
            state[f"features.{number}.bias"] = torch.randn(width, generator=generator) * 0.1
    return state


@pytest.fixture(scope="session")
def vgg_state() -> dict[str, torch.Tensor]:
    """Random weights with VGG-19's names and shapes, up to conv3_2."""
    return made_up_weights(12)
