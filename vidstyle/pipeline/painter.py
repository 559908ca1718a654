"""The stylizer of a render, with the fingerprint of what it has learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from vidstyle.memory import uncollected
from vidstyle.motion import motion_between, quick_motion
from vidstyle.pipeline.footage import Footage
from vidstyle.pipeline.hold import Holding
from vidstyle.pipeline.rest import Resting, rests
from vidstyle.settings import Settings
from vidstyle.synthesis.scheduled import Directed, Scheduled
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

if TYPE_CHECKING:  # torch takes seconds to import
    import torch

    from vidstyle.synthesis.room import Room


@dataclass(frozen=True, eq=False)
class Painter:
    """What paints the frames of a render.

    Attributes:
        stylizer: paints them.
        weights: sha256 of the weights that its pictures depend on.
        room: decides from the memory that is free how frames are painted; None of what needs little.
    """

    stylizer: Stylizer
    weights: str
    room: Room | None = None


class MakePainter(Protocol):
    """Makes what paints in styles, practised on some footage if they are."""

    def __call__(
        self, styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None, /
    ) -> Painter:
        """The painter; of no `footage`, styles are practised on made-up pictures."""
        ...


def optimising_painter(styles: Sequence[StylePicture], settings: Settings) -> Painter:
    """The optimiser over the perceptual network that the settings name.

    Raises:
        WeightsError: the network's weights are missing or damaged.
        DeviceError: the device is absent or cannot hold the network.
    """
    # Here, since this imports torch, which takes seconds, and a job may be refused before.
    with uncollected():
        from vidstyle.features import load_features
    from vidstyle.pipeline.device import choose_device, choose_precision
    from vidstyle.synthesis.optimiser import OptimisingStylizer

    device = choose_device(settings.device)
    precision = choose_precision(settings.precision, device, in_bytes=settings.features == "builtin")
    network = load_features(settings.features, settings.weights, device, precision)
    _at_ease(device)
    stylizer = OptimisingStylizer(styles, settings, network)
    return Painter(directed(stylizer, settings), network.fingerprint, stylizer.room)


def live_painter(
    styles: Sequence[StylePicture],
    settings: Settings,
    footage: Footage | None = None,
    *,
    patient: bool = True,
) -> Painter:
    """The live network, built in or the settings' own, with its stabiliser.

    Args:
        styles: pictures to learn.
        settings: of the live quality.
        footage: to practise styles on; None: made-up pictures.
        patient: whether the first frame may wait until a style was practised; without, styles that were
            practised before, on whatever, are painted so all the same.

    Raises:
        WeightsError: the network's weights are missing or damaged.
        DeviceError: the device is absent or cannot hold the network.
    """
    with uncollected():
        from vidstyle.features import load_features
    from vidstyle.live.painter import load_live
    from vidstyle.live.regions import Regional
    from vidstyle.live.stylizer import LiveStylizer
    from vidstyle.pipeline.device import choose_device, choose_precision
    from vidstyle.pipeline.practice import KeptPractice

    device = choose_device(settings.device)
    precision = choose_precision(settings.precision, device)
    features = load_features("builtin", device=device, dtype=precision)
    painter = load_live(features, precision, settings.model)
    practice = None
    if settings.practises:
        practice = KeptPractice(
            painter.fingerprint, device, settings.practice, settings.seed, footage, patient
        )
    _at_ease(device)
    stylizers: dict[int, Directed] = {
        region: LiveStylizer(
            painter, [style for style in styles if style.region == region], settings, device, region, practice
        )
        for region in sorted({style.region for style in styles})
    }
    stylizer = stylizers[0] if list(stylizers) == [0] else Regional(stylizers)
    # Styles are learnt through the perceptual network: both count.
    marks = f"{painter.fingerprint} {features.fingerprint}"
    return Painter(directed(stylizer, settings), sha256(marks.encode()).hexdigest())


def _at_ease(device: torch.device) -> None:
    """Settle this process for painting on a device."""
    from vidstyle.pipeline.allocator import keep_freed_memory
    from vidstyle.pipeline.turns import take_short_turns

    keep_freed_memory()
    if device.type == "cuda":
        take_short_turns()


def painter_for(
    styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None
) -> Painter:
    """What paints in a quality: the live network for "live", the optimiser for all others.

    Args:
        styles: pictures to take the style from.
        settings: what the result should be.
        footage: for the live network to practise styles on; None: made-up pictures.

    Raises:
        WeightsError: the network's weights are missing or damaged.
        DeviceError: the device is absent or cannot hold the network.
    """
    if settings.quality == "live":
        painter = live_painter(styles, settings, footage)
    else:
        painter = optimising_painter(styles, settings)
    stylizer = painter.stylizer
    if rests(settings, masks=any(style.region for style in styles)):
        stylizer = Resting(stylizer)
    return replace(painter, stylizer=by_hand(stylizer, settings))


def directed(stylizer: Directed, settings: Settings) -> Stylizer:
    """The stylizer with settings that change along the clip, if they do."""
    return stylizer if settings.schedule is None else Scheduled(stylizer, settings)


def by_hand(stylizer: Stylizer, settings: Settings) -> Stylizer:
    """The stylizer with the unrest of drawings made by hand that the settings ask for: boil and hold."""
    if settings.ever("boil"):
        from vidstyle.synthesis.boil import Boiling

        stylizer = Boiling(stylizer, settings)
    if settings.hold == 1:
        return stylizer
    if settings.flow == "quick":
        return Holding(stylizer, settings.hold, partial(quick_motion, preset="film"))
    between = partial(motion_between, preset=settings.flow, mend=settings.mending, whole=False)
    return Holding(stylizer, settings.hold, between)
