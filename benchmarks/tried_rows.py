"""One row of the table of what was tried: the painter with one thing changed, on a few frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
import torch.nn.functional as F
from row_cache import MEASURING, PAINTING, code_of, say
from torch import Tensor

from vidstyle.features import FeatureNetwork
from vidstyle.frames import Frame, Motion
from vidstyle.media import probe, read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline.hashes import sha256
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.quality import Judge, evaluate
from vidstyle.settings import Settings
from vidstyle.synthesis import carry, optimiser, slip, solver, young
from vidstyle.synthesis.objective import Objective
from vidstyle.synthesis.stylizer import StylePicture, Stylizer
from vidstyle.synthesis.warp import warp, warp_sharp

OWNERS = (optimiser, carry, slip, solver, young)  # of the constants that may be changed


@dataclass(frozen=True)
class Change:
    """What is other than in the painter as it is.

    Attributes:
        constants: of `OWNERS`, by name.
        settings: by name.
    """

    constants: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def sharpened(image: Tensor, flow: Tensor) -> Tensor:
    """The spline's picture with its finest strokes raised until it has the gradient energy that it had."""
    moved = warp_sharp(image, flow)
    wanted, fine = float(warp(_energy(image), flow).mean()), moved - F.avg_pool2d(moved, 3, 1, 1)
    low, high = 0.0, 0.5
    for _ in range(6):
        middle = (low + high) / 2
        enough = float(_energy(moved + middle * fine).mean()) >= wanted
        low, high = (low, middle) if enough else (middle, high)
    return moved + low * fine


def _energy(image: Tensor) -> Tensor:
    """Squared differences to the right and down, (1, 1, H, W)."""
    right = F.pad(image[..., 1:] - image[..., :-1], (0, 1))
    down = F.pad(image[..., 1:, :] - image[..., :-1, :], (0, 0, 0, 1))
    return (right.square() + down.square()).sum(1, keepdim=True)


class Blind(Objective):
    """An objective whose temporal loss the first step does not feel."""

    def bond(self) -> None:
        return None


def unspread(_source: Tensor, plain: Tensor, _painted: Tensor, _held: Tensor) -> Tensor:
    """No colours that go on over surfaces."""
    return torch.zeros_like(plain)


def alone(young: Tensor) -> Tensor:
    """What is young, without what lies around it."""
    return young


NONE_YOUNG = {"YOUNG_FROM": 2.0}  # more than all of a picture

TRIED = {
    "as it is": Change(),
    "before: nothing young, no colours that go on, long leaps": Change(
        {**NONE_YOUNG, "spread": unspread, "LEAP": 5.0, "RIPENING": 2.0}, {"trusted_step": 0.18}
    ),
    "nothing asked of the young by itself": Change(NONE_YOUNG),
    "young for 4 frames": Change({"LIFE": 4.0}),
    "young for 24 frames": Change({"LIFE": 24.0}),
    "the young without what lies around it": Change({"with_surroundings": alone}),
    "no colours go on over surfaces": Change({"spread": unspread}),
    "steps leap as far as they did (5 step sizes)": Change({"LEAP": 5.0}),
    "shorter leaps (2 step sizes)": Change({"LEAP": 2.0}),
    "no mending, slow ripening": Change({"RIPENING": 12.0}, {"mending": False}),
    "flow not mended": Change(settings={"mending": False}),
    "what slipped is not brought back": Change({"TAKEN": 0.0}),
    "nearly all of what slipped is": Change({"TAKEN": 0.8}),
    "no momentum comes along": Change({"LASTING": 0.0}),
    "all of the momentum does": Change({"LASTING": 1.0}),
    "the first step is blind to the temporal loss": Change({"Objective": Blind}),
    "slow ripening (12 steps)": Change({"RIPENING": 12.0}),
    "ripening over 5 steps": Change({"RIPENING": 5.0}),
    "very fast ripening (1 step)": Change({"RIPENING": 1.0}),
    "linear warp in place of the spline": Change({"warp_sharp": warp}),
    "what the warp blurs sharpened again": Change({"warp_sharp": sharpened}),
    "twice the steps beneath": Change({"STEPS_BENEATH": 8}),
    "nothing at a quarter of the size": Change({"BENEATH": (2,)}),
    "trusted pixels move twice as far": Change(settings={"trusted_step": 0.3}),
    "trusted pixels stand": Change(settings={"trusted_step": 0.0}),
    "ten times the temporal weight": Change(settings={"temporal_weight": 10.0}),
    "twice the steps": Change(settings={"steps": 4, "min_steps": 4}),
}


@dataclass(frozen=True)
class Try:
    """A change on a stretch of a clip.

    Attributes:
        name: of the change, in `TRIED`.
        clip: the source; from its start.
        style: the picture.
        frames: how many.
        width: pixels.
        settings: that the change is made to.
    """

    name: str
    clip: Path
    style: Path
    frames: int
    width: int
    settings: Settings

    def identity(self, network: FeatureNetwork) -> dict[str, Any]:
        """What the row depends on."""
        return {
            "clip": self.clip.name,
            "change": self.name,
            "files": [sha256(self.clip), sha256(self.style)],
            "frames": self.frames,
            "width": self.width,
            "settings": self.settings.as_dict(),
            "judge": network.fingerprint,
            "code": code_of(PAINTING + MEASURING, Path(__file__)),
        }


def measure(run: Try, network: FeatureNetwork) -> dict[str, Any]:
    """The row: the last frame is also painted alone, to tell drift from what the source does."""
    say(f"{run.clip.name} in {run.style.name}: {run.name}")
    styles = [StylePicture(read_picture(run.style).pixels)]
    change = TRIED[run.name]
    moving = list(track(source(run)))
    settings = replace(run.settings, **change.settings)
    # Judged by the flow as it was found, whatever it was painted by.
    followed = list(track(source(run), mend=True)) if settings.mending else moving
    with changed(change):
        pictures = list(painted(optimiser_of(styles, settings), followed))
    judge = Judge(
        network,
        styles,
        alone=optimiser_of(styles, run.settings).start,
        alone_every=max(1, len(moving) - 1),
        every=max(1, len(moving) - 1),
    )
    report = evaluate(pictures, moving, judge)
    first, last = report.frames[0], report.frames[-1]
    return {
        "name": run.name,
        "clip": run.clip.stem,
        "style": run.style.stem,
        "frames": len(moving),
        "judge": f"{network.name} ({network.fingerprint[:12]})",
        "warping": report.mean("warping"),
        "over_floor": report.over_source("warping"),
        "sharp_over_floor": report.over_source("warping_sharp"),
        "drift": last.style / first.style,
        "beside_alone": last.style / last.style_alone,
        "revealed": last.revealed,
        "sharpness": last.sharpness / first.sharpness,
        "ghost": report.mean("ghost"),
    }


def source(run: Try) -> Iterator[Frame]:
    """The stretch, at the width."""
    video = probe(run.clip).video
    height = max(2, 2 * round(run.width * video.height / video.width / 2))
    return read(run.clip, duration=Fraction(run.frames) / video.rate, size=(height, run.width))


def painted(stylizer: Stylizer, moving: list[tuple[Frame, Motion]]) -> Iterator[Frame]:
    """The stretch, painted; as 8 bits, since the files that people see have no more."""
    for frame, motion in moving:
        shown = stylizer.start(frame) if motion.cut else stylizer.next(frame, motion)
        yield shown.with_pixels(np.asarray(shown.bytes()))


def optimiser_of(styles: list[StylePicture], settings: Settings) -> Stylizer:
    return optimising_painter(styles, settings).stylizer


@contextmanager
def changed(change: Change) -> Iterator[None]:
    """The painter with other constants, for a while."""
    with ExitStack() as stack:
        for name, value in change.constants.items():
            owner = next(module for module in OWNERS if hasattr(module, name))
            stack.enter_context(patch.object(owner, name, value))
        yield
