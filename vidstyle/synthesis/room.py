"""Whole frames where memory allows, tiles where it does not, smaller tiles where it runs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from vidstyle.errors import DeviceError
from vidstyle.features.network import FeatureNetwork
from vidstyle.memory import free_memory, is_out_of_memory
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.sight import Sight, WholeSight
from vidstyle.synthesis.tiled import TiledSight

SIDES = (2048, 1024, 512, 256, 128)
"""Of tiles, in pixels; below the last, what lies around a tile is most of the work."""
# Bytes for each pixel of a frame, whatever is tiled: pictures, flow, Adam's averages, warps, and the
# coarser scale; as measured on later frames (benchmarks/large.py --later).
PLAIN = 472
LBFGS = 550  # more: 20 gradients and as many steps of 12 bytes each, and the line search's own
WORKING = 1.5  # times the features that are held for the gradient, what a step takes at its peak
COMFORTABLE = 0.5  # of what the plain pictures leave free, the share that features may take
STILL_FREE = 0.75  # of what was free when a render began, the share that lets it go on in the same way

Result = TypeVar("Result")


class Room:
    """Decides, from the memory that is free, how frames are seen: whole, or in tiles of which side.

    What it decides hangs on `free` alone, which is measured once: every frame of a render is seen alike,
    and a render that goes on with the `free` it began with gives the same pixels.

    Args:
        device: whose memory counts.
        plain: bytes a pixel that frames take beside features.

    Attributes:
        free: bytes; None before the first frame. Less than was measured, once memory ran out.
        notes: a sentence for each decision that the user should know; whoever tells them takes them out.
    """

    def __init__(self, device: torch.device, plain: int = PLAIN) -> None:
        self.free: int | None = None
        self.notes: list[str] = []
        self._device, self._plain = device, plain
        self._held: dict[str, float] = {}  # bytes a pixel, by the network's fingerprint
        self._told: int | None = None

    def begin(self, free: int | None = None) -> None:
        """Measure anew; or keep to what was free when a render began that goes on now.

        Args:
            free: bytes, as an earlier run's `free`; it is kept to while most of it is there still.
        """
        now = free_on(self._device)
        self.free = now if free is None or now < STILL_FREE * free else free
        self._told = None

    def sight(self, network: Octaves, size: tuple[int, int]) -> Sight:
        """How pictures (height, width) are seen."""
        side = self.side(network, size)
        return WholeSight(network) if side is None else TiledSight(network, side)

    def side(self, network: Octaves, size: tuple[int, int]) -> int | None:
        """Of the tiles of pictures (height, width), in pixels; None where they are seen whole."""
        if self.free is None:
            self.begin()
        free = self.free or 0
        return next((side for side in (None, *SIDES) if self.needed(network, size, side) <= free), SIDES[-1])

    def needed(self, network: Octaves, size: tuple[int, int], side: int | None) -> int:
        """Bytes that should be free for a picture (height, width), whole or in tiles of a side."""
        height, width = size
        if side is None:
            pixels = height * width * sum(0.25**octave for octave in range(network.added + 1))
        else:
            around = 2 * network.reach
            pixels = min(height, side + around) * min(width, side + around)
        features = pixels * WORKING * self._held_by(network.network) / COMFORTABLE
        return round(height * width * self._plain + features)

    def paint(self, network: Octaves, size: tuple[int, int], work: Callable[[], Result]) -> Result:
        """Do some work on a frame (height, width): anew, in smaller tiles, where memory runs out.

        All of a frame is painted in one way, so that it does not matter at which step it ran out.

        Raises:
            DeviceError: it ran out with the smallest tiles.
        """
        why = "Memory is short"
        while True:
            side = self.side(network, size)
            self._tell(side, why)
            try:
                return work()
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Only here, outside of the handler, have the features gone that the error's traceback held.
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
            smaller = self._smaller(network, size, side)
            if smaller is None:
                raise DeviceError(
                    f"ran out of memory, even in tiles of {SIDES[-1]} pixels",
                    where=str(self._device),
                    hint="Give a smaller size, or end other programs.",
                )
            self.free, why = smaller, "Memory ran out"

    def _smaller(self, network: Octaves, size: tuple[int, int], side: int | None) -> int | None:
        """What would have to be free for tiles of half the side; None if there are none that take less."""
        now = self.needed(network, size, side)
        largest = max(size) if side is None else side
        halves = [each for each in SIDES if 2 * each <= largest]
        return next((less for each in halves if (less := self.needed(network, size, each)) < now), None)

    def _tell(self, side: int | None, why: str) -> None:
        if side is not None and side != self._told:
            self.notes.append(f"{why}: frames are painted in tiles of {side} pixels.")
        self._told = side

    def _held_by(self, network: FeatureNetwork) -> float:
        key = network.fingerprint
        if key not in self._held:
            self._held[key] = held_by(network)
        return self._held[key]


def held_by(network: FeatureNetwork) -> float:
    """Bytes for each pixel of an image that a network holds until its gradient is taken, all told."""
    # Twice the pixels hold twice the features, and the same weights: these drop out.
    small, large = 4 * max(network.strides), 8 * max(network.strides)
    return (_held_at(network, large) - _held_at(network, small)) / (large * large - small * small)


def _held_at(network: FeatureNetwork, side: int) -> int:
    held: dict[int, int] = {}  # by where it lies: what is answered may be kept for the gradient too

    def keep(tensor: Tensor) -> Tensor:
        held[tensor.data_ptr()] = tensor.nbytes
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        features = network.features(torch.zeros(1, 3, side, side, device=network.device, requires_grad=True))
    for each in features:
        keep(each)
    return sum(held.values())


def free_on(device: torch.device) -> int:
    """Bytes that are free for tensors on a device."""
    if device.type == "cuda":
        reserved = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + reserved
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return free_memory()
