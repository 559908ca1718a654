"""One frame by the live network: learn a style once, then paint every frame in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.eight_bits import MOST, ByteConvolution
from vidstyle.features.network import FeatureNetwork
from vidstyle.frames import Pixels
from vidstyle.live.codes import Codes, fitted_codes
from vidstyle.live.in_bytes import Spreads, paint_in_bytes
from vidstyle.live.model import read_model
from vidstyle.live.network import MULTIPLE, Layer, LiveNetwork, folded, paint
from vidstyle.live.style import LiveStyle, learned, mixed
from vidstyle.synthesis.colors import Colors, palette_map, recolored
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.targets import style_target

ASSET = "assets/live.safetensors"
MARGIN = MULTIPLE  # pixels
TALLEST_STYLE = 440  # rows of style pictures in training; larger strokes were never seen


class LivePainter:
    """Paints pictures with a network that was trained for all styles, or specialised to one.

    Attributes:
        dtype: arithmetic of the convolutions.
        fingerprint: sha256 of the weights, 64 hex digits.
        own_style: the style that a specialised model was trained for, None for the built-in one.
    """

    def __init__(self, model: Path, features: FeatureNetwork, dtype: torch.dtype) -> None:
        """Load a model.

        Args:
            model: a file that `vidstyle train` wrote, or the built-in one.
            features: the built-in perceptual network, to look at styles with.
            dtype: arithmetic of the convolutions, float32, bfloat16 or int8.

        Raises:
            WeightsError: the file is missing, damaged or something else.
        """
        self._network, own, self.fingerprint = read_model(model)
        self._network.to(features.device)
        self._features, self.dtype = features, dtype
        self.own_style = None if own is None else self.ready(own)

    @torch.no_grad()
    def learn(
        self,
        pictures: Sequence[Tensor],
        shares: Sequence[float],
        *,
        height: int,
        style_size: float = 1.0,
    ) -> LiveStyle:
        """The style of one or more pictures; takes about a tenth of a second.

        Args:
            pictures: (1, 3, H, W) in 0..1.
            shares: the part of each in the mixture; they sum to 1.
            height: rows of the frames to paint.
            style_size: height of a style picture as a share of `height`.
        """
        target = style_target(
            self._features,
            pictures,
            shares,
            height=min(height, TALLEST_STYLE),
            style_size=style_size,
        )
        return self.ready(learned(self._network, target))

    @torch.no_grad()
    def mix(self, styles: Sequence[LiveStyle], shares: Sequence[float]) -> LiveStyle:
        """A style between styles; the shares need not sum to 1."""
        return self.ready(mixed(self._network, styles, shares))

    def paint(self, pixels: Pixels, style: LiveStyle, colors: Colors) -> Tensor:
        """A picture, painted.

        Args:
            pixels: (H, W, 3), uint8 or float32 in 0..1, sides of at least 32.
            style: what `learn` gave.
            colors: of the picture, or, so that a shot's colours hold still, of the shot.

        Returns:
            (1, 3, H, W) float32 in 0..1, channels last.
        """
        return self.paint_knowing(pixels, style, colors, None)[0]

    @torch.inference_mode()
    def paint_knowing(
        self, pixels: Pixels, style: LiveStyle, colors: Colors, known: Spreads | None
    ) -> tuple[Tensor, Spreads]:
        """`paint`, quicker by what is known of the network's numbers, and what was known or seen."""
        palette = palette_map(colors, Colors(style.color_mean, style.color_covariance))
        if self._features.device.type == "cuda":
            return self._painted_there(tensor_of(pixels, self._features.device), style, palette), ()
        whole = _with_margins(_recolored(pixels, palette))
        bare = torch.from_numpy(whole).to(self._features.device).permute(2, 0, 1)[None]
        half, gain = (127.5, 1 / 255) if pixels.dtype == np.uint8 else (0.5, 1.0)
        quarter = folded(bare)
        spreads: Spreads = ()
        if self.dtype == torch.int8:
            change, spreads = paint_in_bytes(_coded(quarter), style.layers, known)
        else:  # bytes are exact in bfloat16 until they are scaled
            change = paint(quarter.to(self.dtype).sub_(half).mul_(2 * gain), style.layers)
        inside = (..., slice(MARGIN, MARGIN + pixels.shape[0]), slice(MARGIN, MARGIN + pixels.shape[1]))
        painted = torch.add(change[inside].float(), bare[inside].float(), alpha=gain)
        return painted.clamp_(0, 1), spreads

    def _painted_there(self, image: Tensor, style: LiveStyle, palette: tuple[Tensor, Tensor]) -> Tensor:
        """`paint` with all of it done by a graphics card."""
        height, width = image.shape[-2:]
        right, below = (MARGIN - side % -MULTIPLE for side in (width, height))
        base = recolored(image, palette).contiguous(memory_format=torch.channels_last)
        seen = F.pad(base, (MARGIN, right, MARGIN, below), mode="reflect")
        change = paint(folded((seen * 2 - 1).to(self.dtype)), style.layers)
        inside = change[..., MARGIN : MARGIN + height, MARGIN : MARGIN + width]
        return (base + inside.float()).clamp_(0, 1)

    @torch.no_grad()
    def ready(self, style: LiveStyle) -> LiveStyle:
        """A style of this network, its layers laid out as they are multiplied."""
        return replace(style, layers=tuple(_laid_out(layer, self.dtype) for layer in style.layers))


def _recolored(pixels: Pixels, palette: tuple[Tensor, Tensor]) -> Pixels:
    """`recolored` of (H, W, 3) pixels, in their own type."""
    matrix, offset = (part.numpy() for part in palette)
    gain = 255 if pixels.dtype == np.uint8 else 1
    moved = cv2.transform(pixels, np.column_stack([matrix, offset * gain]))  # bytes stay within 0..255
    return cast(Pixels, moved if pixels.dtype == np.uint8 else np.clip(moved, 0, 1))


def _with_margins(pixels: Pixels) -> Pixels:
    """Mirrored at the borders, up to sides that the network takes: next to them it paints otherwise."""
    height, width = pixels.shape[:2]
    below, right = (MARGIN - side % -MULTIPLE for side in (height, width))
    return cast(
        Pixels, cv2.copyMakeBorder(pixels, MARGIN, below, MARGIN, right, borderType=cv2.BORDER_REFLECT_101)
    )


def _coded(image: Tensor) -> Codes:
    """A picture's bytes as counts in -1..1; those of floats."""
    if image.dtype == torch.uint8:
        return Codes(image, 2 / MOST, -1.0)
    return fitted_codes(image.sub(0.5).mul_(2), positive=False)


def _laid_out(layer: Layer, dtype: torch.dtype) -> Layer:
    if dtype == torch.int8:
        plain = _laid_out(layer, torch.float32)
        return replace(plain, in_bytes=ByteConvolution(plain.kernel, plain.bias, stride=layer.stride))
    kernel = layer.kernel.detach().to(dtype).contiguous(memory_format=torch.channels_last)
    # Parts of one vector otherwise, which lie where a graphics card refuses to read them.
    scale, shift = (None if part is None else part.detach().clone() for part in (layer.scale, layer.shift))
    return replace(layer, kernel=kernel, bias=layer.bias.detach().to(dtype), scale=scale, shift=shift)


def load_live(features: FeatureNetwork, dtype: torch.dtype, model: Path | None = None) -> LivePainter:
    """The built-in live network, or the user's own.

    Raises:
        WeightsError: the file is missing, damaged or something else.
    """
    if model is not None:
        return LivePainter(model, features, dtype)
    with as_file(files("vidstyle").joinpath(ASSET)) as asset:
        return LivePainter(asset, features, dtype)


def builtin_model() -> LiveNetwork:
    """The built-in network itself, to go on training from.

    Raises:
        WeightsError: the package's own weights are missing or damaged.
    """
    with as_file(files("vidstyle").joinpath(ASSET)) as asset:
        return read_model(asset)[0]
