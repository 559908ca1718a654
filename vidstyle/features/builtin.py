"""The built-in feature network: the student, with the weights that come with the package."""

from __future__ import annotations

from importlib.resources import files

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from vidstyle.errors import WeightsError
from vidstyle.features.frozen import FrozenStudent
from vidstyle.features.network import FeatureNetwork, place
from vidstyle.features.student import REACH, SMALLEST_SIDE, TAP_STRIDES, StudentNetwork
from vidstyle.features.tensors import fingerprint

ASSET = "assets/features.safetensors"
_REINSTALL = "Install vidstyle again: pip install --force-reinstall --no-deps vidstyle."


class BuiltinNetwork:
    """A FeatureNetwork of five taps at strides 1 to 16, from one pass of the student.

    Every tap counts for the style; relu3_1 of the image and of its half hold the content.
    """

    name = "builtin"
    strides = TAP_STRIDES
    style_taps = (0, 1, 2, 3, 4)
    content_taps = (2, 3)
    smallest_side = SMALLEST_SIDE
    reach = REACH

    def __init__(self, student: StudentNetwork, device: torch.device | str, dtype: torch.dtype) -> None:
        self.fingerprint = fingerprint(student.state_dict())
        in_bytes = dtype == torch.int8
        place(student, device, torch.float32 if in_bytes else dtype)
        self._student = FrozenStudent(student, in_bytes=in_bytes)
        self.heads = self._student.heads
        self.device = student.get_parameter("heads.0.weight").device

    def __call__(self, image: Tensor) -> list[Tensor]:
        """Taps of (B, 3, H, W) RGB in 0..1: five tensors, (B, C, H // stride, W // stride)."""
        return [head(each) for head, each in zip(self.heads, self.features(image), strict=True)]

    def features(self, image: Tensor) -> list[Tensor]:
        """The last features of each stage, before its head: what taps are made of."""
        return self._student(image.contiguous(memory_format=torch.channels_last))


def load_builtin(device: torch.device | str, dtype: torch.dtype) -> FeatureNetwork:
    """The built-in network on a device, in float32, bfloat16 or int8, frozen.

    Raises:
        WeightsError: the package's own weights are missing or damaged.
        DeviceError: the device cannot hold the network.
    """
    asset = files("vidstyle").joinpath(ASSET)
    student = StudentNetwork()
    try:
        state = safetensors.torch.load(asset.read_bytes())
        student.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except FileNotFoundError as error:
        raise WeightsError("is missing from the installation", where=str(asset), hint=_REINSTALL) from error
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"is damaged ({reason})", where=str(asset), hint=_REINSTALL) from error
    return BuiltinNetwork(student, device, dtype)
