"""Perceptual networks: the built-in one and VGG-19, behind one protocol."""

from __future__ import annotations

from pathlib import Path

import torch

from vidstyle.errors import SettingsError
from vidstyle.features.builtin import load_builtin
from vidstyle.features.network import FeatureNetwork
from vidstyle.features.vgg import load_vgg19
from vidstyle.features.weights import Progress
from vidstyle.settings import FeatureChoice

__all__ = ["FeatureNetwork", "load_features"]


def load_features(
    choice: FeatureChoice,
    weights: Path | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    progress: Progress | None = None,
) -> FeatureNetwork:
    """The perceptual network that settings ask for, frozen, on a device.

    Args:
        choice: "builtin" (weights in the package) or "vgg19".
        weights: a file of VGG-19 weights; None fetches the official ones once into the user's cache.
        device: where to run.
        dtype: arithmetic of the convolutions, float32 or bfloat16, or for the built-in network int8.
        progress: told the bytes fetched so far and in all (None where unknown).

    Raises:
        SettingsError: weights were given for the built-in network, or there is no such network.
        WeightsError: weights are missing, damaged, of the wrong shape, or cannot be fetched.
        DeviceError: the device cannot hold the network, or torchvision does not fit torch.
    """
    if choice == "vgg19":
        return load_vgg19(weights, device, dtype, progress)
    if choice != "builtin":
        raise SettingsError(f"no network {choice!r}", where="features", hint="Choose builtin or vgg19.")
    if weights is not None:
        raise SettingsError(
            "cannot be given for the built-in network", where="weights", hint="Add --features vgg19."
        )
    return load_builtin(device, dtype)
