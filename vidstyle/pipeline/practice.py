"""Styles practised before a file is painted in them, and kept in the user's cache for the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from safetensors.torch import load, save
from torch import Tensor

from vidstyle.errors import VidstyleError
from vidstyle.features import FeatureNetwork, load_features
from vidstyle.features.weights import cache_folder
from vidstyle.frames import Pixels
from vidstyle.live.course import on_one_core
from vidstyle.live.crops import crops_of, stacked
from vidstyle.live.leaves import made_up
from vidstyle.live.network import Layer
from vidstyle.live.painter import builtin_model
from vidstyle.live.practice import LARGEST, VERSION, practised
from vidstyle.live.style import LiveStyle
from vidstyle.media.atomic import write_bytes
from vidstyle.pipeline.device import choose_precision
from vidstyle.pipeline.footage import Footage, Glimpse, shuffled
from vidstyle.pipeline.hashes import array_fingerprint
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.targets import style_target

FOLDER = "practised"  # in the cache
KEPT = 100  # styles in the cache, of two thirds of a megabyte each; those longest unused go
HASH = 32  # bytes of a sha256 before a style, which tell damage
MADE_UP = "made-up"  # in place of the key of footage
PARTS = ("kernel", "bias", "scale", "shift")  # of a layer


@dataclass(frozen=True, eq=False)
class KeptPractice:
    """Practises a style once, and keeps it; fulfils `live.stylizer.Practice`.

    What it is practised on depends on the whole clip, the style's height and the seed alone: all segments
    of a clip get the same style, wherever they are painted.

    Attributes:
        network: fingerprint of the built-in live network.
        device: that paints.
        lessons: how many.
        seed: of everything random.
        footage: to practise on; None: made-up pictures.
        patient: whether to wait for lessons, or to do with what is kept of the style, practised on whatever.
    """

    network: str
    device: torch.device
    lessons: int
    seed: int
    footage: Footage | None = None
    patient: bool = True

    # Styles are learnt in the midst of painting, which keeps nothing for gradients.
    @torch.inference_mode(False)
    @torch.enable_grad()
    def of(
        self, pictures: Sequence[Pixels], shares: Sequence[float], height: int, style_size: float
    ) -> LiveStyle | None:
        """A style, practised: kept from before, or anew where it is waited for."""
        # Movements are by cubic splines, which Metal lacks.
        device = torch.device("cpu") if self.device.type == "mps" else self.device
        precision = choose_precision("auto", device, in_bytes=False)
        features = load_features("builtin", device=device, dtype=precision)
        named = [(array_fingerprint(picture), share) for picture, share in zip(pictures, shares, strict=True)]
        wanted = (VERSION, torch.__version__, self.network, features.fingerprint, device.type, precision)
        key = sha256(repr((wanted, named, height, style_size, self.lessons, self.seed)).encode())
        folder, name = cache_folder() / FOLDER, key.hexdigest()[:32]
        if not self.patient:
            content = _latest(folder, name)
            return None if content is None else _style(content, self.device)
        path = folder / f"{name}-{MADE_UP if self.footage is None else self.footage.key()}.style"
        content = _read(path)
        if content is None:
            content = _content(self._practised(pictures, shares, height, style_size, features, precision))
            _keep(path, content)
        return _style(content, self.device)

    @on_one_core()
    def _practised(
        self,
        pictures: Sequence[Pixels],
        shares: Sequence[float],
        height: int,
        style_size: float,
        features: FeatureNetwork,
        precision: torch.dtype,
    ) -> LiveStyle:
        seen = [tensor_of(picture, features.device) for picture in pictures]
        with torch.no_grad():
            target = style_target(features, seen, shares, height=height, style_size=style_size)
        footage = [] if self.footage is None else self.footage.glimpses()
        return practised(
            builtin_model(),
            features,
            target,
            crops_of(pictures_of(footage, height, self.seed), target, self.seed, features.device, LARGEST),
            lessons=self.lessons,
            seed=self.seed,
            dtype=precision,
        )


def pictures_of(footage: Sequence[Glimpse], height: int, seed: int) -> Iterator[Tensor]:
    """Endless frames to practise on, as `crops_of` takes them; made-up pictures where there is no footage."""
    return map(stacked, shuffled(footage, seed)) if footage else map(tensor_of, made_up(height, seed))


def _read(path: Path) -> bytes | None:
    """What is kept there; None of what is not, is damaged or cannot be read."""
    try:
        told, content = (whole := path.read_bytes())[:HASH], whole[HASH:]
    except OSError:
        return None
    if sha256(content).digest() != told:
        return None
    with suppress(OSError):
        path.touch()  # what is in use stays
    return content


def _latest(folder: Path, name: str) -> bytes | None:
    """What was used last of a style's."""
    with suppress(FileNotFoundError):  # another process clears up
        kept = map(_read, _newest_first(folder, f"{name}-*.style"))
        return next((content for content in kept if content is not None), None)
    return None


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern), key=lambda each: -each.stat().st_mtime)


def _keep(path: Path, content: bytes) -> None:
    """Keep what can be: a full or locked cache costs the next render its time, and this one nothing."""
    with suppress(OSError, VidstyleError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, sha256(content).digest() + content)
        for each in _newest_first(path.parent, "*.style")[KEPT:]:
            each.unlink(missing_ok=True)


def _content(style: LiveStyle) -> bytes:
    """A style as a file of safetensors, its layers in half precision."""
    tensors: dict[str, Tensor] = {
        "wishes": style.wishes,
        "color_mean": style.color_mean,
        "color_covariance": style.color_covariance,
    }
    for number, layer in enumerate(style.layers):
        parts = {name: getattr(layer, name) for name in PARTS}
        tensors |= {f"{name}.{number}": part.half() for name, part in parts.items() if part is not None}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(tensors)


def _style(content: bytes, device: torch.device) -> LiveStyle:
    """The style in a file's content, ready for `LivePainter.ready`; also of one that was just practised,
    so that the first render paints the pictures of all that follow."""
    tensors = {name: tensor.to(device) for name, tensor in load(content).items()}
    network = builtin_model().to(device)
    wishes = tensors["wishes"]

    def kept(number: int, layer: Layer) -> Layer:
        after = (tensors.get(f"{name}.{number}") for name in ("scale", "shift"))
        scale, shift = (None if part is None else part.float() for part in after)
        kernel, bias = (tensors[f"{name}.{number}"].float() for name in ("kernel", "bias"))
        return Layer(kernel, bias, scale, shift, layer.stride)

    with torch.no_grad():
        own = tuple(kept(number, layer) for number, layer in enumerate(network.kernels(wishes)))
    mean, covariance = (tensors[name].cpu() for name in ("color_mean", "color_covariance"))
    return LiveStyle(wishes, mean, covariance, own, own)
