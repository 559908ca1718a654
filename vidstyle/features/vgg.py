"""VGG-19 as the reference network: torchvision's definition, the official weights or a user's file.

One definition of the taps serves every weights file, so that results are comparable: VGG-19 is run
on an image pyramid and never deeper than relu3_2. The style is relu1_1, relu2_1 and relu3_1 of the
image and relu3_1 of the image at 1/2 and 1/4 size, as the built-in network was taught; the content
is relu3_2 of the image and of its half (relu3_1 where the weights end there). Gatys et al. (2016)
take relu1_1 to relu5_1 of one scale instead; the pyramid reaches the same sizes of stroke at a
fraction of the cost, and weights cut off after conv3_1 suffice for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.errors import DeviceError, WeightsError
from vidstyle.features.network import FeatureNetwork, place
from vidstyle.features.student import MEAN, SPREAD
from vidstyle.features.tensors import fingerprint, read_tensors
from vidstyle.features.weights import Progress, fetch

URL = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
SHA256 = "dcbb9e9d"  # torchvision names its files by the first digits of their hash
FILENAME = "vgg19-dcbb9e9d.pth"

# torchvision's `features.N` that ends each layer, and pixels per cell there.
ENDS = {"relu1_1": 1, "relu2_1": 6, "relu3_1": 11, "relu3_2": 13}
STRIDES = {"relu1_1": 1, "relu2_1": 2, "relu3_1": 4, "relu3_2": 4}
# Pixels beyond a cell that each layer sees: a convolution of 3x3 cells sees one more on each side.
REACHES = {"relu1_1": 1, "relu2_1": 4, "relu3_1": 10, "relu3_2": 14}
CONVOLUTIONS = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256)}


@dataclass(frozen=True)
class Tap:
    """A layer of VGG-19, seen on the image halved `level` times."""

    layer: str
    level: int = 0

    @property
    def stride(self) -> int:
        """Pixels of the image per cell of the tap."""
        return STRIDES[self.layer] << self.level


@dataclass(frozen=True)
class TapPlan:
    """Which taps make up the style, and which hold the content."""

    style: tuple[Tap, ...]
    content: tuple[Tap, ...]


SOLVING = TapPlan(
    style=(Tap("relu1_1"), Tap("relu2_1"), Tap("relu3_1"), Tap("relu3_1", 1), Tap("relu3_1", 2)),
    content=(Tap("relu3_2"), Tap("relu3_2", 1)),
)
# Every layer at every level: the "VGG style" and "VGG content" that pictures are judged by.
SCORING = TapPlan(
    style=tuple(Tap(layer, level) for level in range(3) for layer in ("relu1_1", "relu2_1", "relu3_1")),
    content=tuple(Tap("relu3_2", level) for level in range(3)),
)


class VggNetwork:
    """A FeatureNetwork that runs the first layers of VGG-19 on an image pyramid."""

    name = "vgg19"

    def __init__(
        self, tensors: dict[str, Tensor], plan: TapPlan, device: torch.device | str, dtype: torch.dtype
    ) -> None:
        layers = _torchvision_layers(tensors)
        if len(layers) <= ENDS["relu3_2"]:  # the weights end at relu3_1
            plan = TapPlan(plan.style, tuple(Tap("relu3_1", tap.level) for tap in plan.content))
        self.taps = sorted({*plan.style, *plan.content}, key=lambda tap: (tap.level, ENDS[tap.layer]))
        self.strides = tuple(tap.stride for tap in self.taps)
        self.style_taps = tuple(self.taps.index(tap) for tap in plan.style)
        self.content_taps = tuple(self.taps.index(tap) for tap in plan.content)
        self.heads = (None,) * len(self.taps)
        self.smallest_side = max(self.strides)
        self.reach = max(REACHES[tap.layer] << tap.level for tap in self.taps)
        self.fingerprint = fingerprint(tensors)
        self._layers = place(layers, device, dtype)
        self.device = next(layers.parameters()).device
        self._dtype = dtype
        self._mean = torch.tensor(MEAN, device=device).view(1, 3, 1, 1)
        self._spread = torch.tensor(SPREAD, device=device).view(1, 3, 1, 1)

    def __call__(self, image: Tensor) -> list[Tensor]:
        """Taps of (B, 3, H, W) RGB in 0..1: (B, C, H // stride, W // stride) tensors, fine to coarse."""
        normal = ((image - self._mean) / self._spread).to(self._dtype, memory_format=torch.channels_last)
        found: dict[Tap, Tensor] = {}
        for level in sorted({tap.level for tap in self.taps}):
            wanted = {ENDS[tap.layer]: tap for tap in self.taps if tap.level == level}
            hidden = F.avg_pool2d(normal, 1 << level) if level else normal
            for number, layer in enumerate(self._layers.children()):
                hidden = layer(hidden)
                if number in wanted:
                    found[wanted[number]] = hidden
                if number == max(wanted):
                    break
        return [found[tap] for tap in self.taps]

    def features(self, image: Tensor) -> list[Tensor]:
        """The taps themselves."""
        return self(image)


def load_vgg19(
    weights: Path | None,
    device: torch.device | str,
    dtype: torch.dtype,
    progress: Progress | None = None,
    plan: TapPlan = SOLVING,
) -> FeatureNetwork:
    """VGG-19's first layers on a device, in float32 or bfloat16, frozen.

    Args:
        weights: a safetensors file or state dict under torchvision's names (`features.0.weight`),
            whole or cut off anywhere after conv3_1; None fetches the official file (548 MB) once.
        device: where to run.
        dtype: arithmetic of the convolutions.
        progress: told the bytes fetched and in all.
        plan: the taps: `SOLVING` for losses, `SCORING` for judging pictures.

    Raises:
        WeightsError: the weights cannot be fetched, read or used.
        DeviceError: the device cannot hold the network, or torchvision does not fit torch.
    """
    path = weights if weights is not None else fetch(URL, SHA256, FILENAME, progress)
    names = {f"features.{n}.{kind}" for n in CONVOLUTIONS for kind in ("weight", "bias")}
    return VggNetwork(_checked(read_tensors(path, names), path), plan, device, dtype)


def _checked(tensors: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """The tensors of an unbroken run of layers from the first on, of VGG-19's shapes."""
    kept: dict[str, Tensor] = {}
    for number, (channels, width) in CONVOLUTIONS.items():
        shapes = {f"features.{number}.weight": (width, channels, 3, 3), f"features.{number}.bias": (width,)}
        missing = [name for name in shapes if name not in tensors]
        if missing and number < ENDS["relu3_1"]:
            raise WeightsError(
                f"lacks {missing[0]}",
                where=path,
                hint="Give VGG-19 weights under torchvision's names, at least up to features.10.",
            )
        if missing:
            break
        for name, shape in shapes.items():
            if tuple(tensors[name].shape) != shape:
                raise WeightsError(
                    f"holds {name} of shape {tuple(tensors[name].shape)}, not {shape}",
                    where=path,
                    hint="Give the weights of a plain VGG-19.",
                )
            kept[name] = tensors[name]
    return kept


def _torchvision_layers(tensors: dict[str, Tensor]) -> nn.Sequential:
    """torchvision's `vgg19().features` as far as the weights go, each convolution with its ReLU."""
    vgg = _import_torchvision_vgg()
    last = max(int(name.split(".")[1]) for name in tensors)
    with torch.device("meta"):  # no memory and no random numbers for layers that are thrown away
        layers: nn.Sequential = vgg.make_layers(vgg.cfgs["E"])[: last + 2]
    layers.load_state_dict({name.removeprefix("features."): t for name, t in tensors.items()}, assign=True)
    return layers


def _import_torchvision_vgg() -> Any:
    """torchvision.models.vgg, imported only when VGG-19 is asked for.

    A torchvision built for another torch raises RuntimeError, not ImportError, from its import.
    """
    try:
        import torchvision.models.vgg as vgg
    except (ImportError, RuntimeError) as error:
        raise DeviceError(
            f"does not fit torch {torch.__version__} ({str(error).splitlines()[0]})",
            where="torchvision",
            hint="Install a matching pair: pip install --force-reinstall torch torchvision.",
        ) from error
    return vgg
