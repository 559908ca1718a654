"""Frame after frame by the live network, held steady over time; fulfils `Stylizer`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, cast

import cv2
import numpy as np
import torch
from torch import Tensor

from vidstyle.errors import SettingsError
from vidstyle.frames import Frame, Motion, Pixels
from vidstyle.live.between import Before, Begun, Means, Memory, Painted
from vidstyle.live.ground import Ground, held_on, painted_on
from vidstyle.live.painter import TALLEST_STYLE, LivePainter
from vidstyle.live.running import Running
from vidstyle.live.stabiliser import MOST_HELD, calmed, moved, steadied
from vidstyle.live.style import LiveStyle
from vidstyle.settings import Settings
from vidstyle.synthesis.colors import LUMA, Colors, luma, palette_map, pixel_moments, recolored
from vidstyle.synthesis.pictures import bytes_of, pixels_of, shares_on, tensor_of
from vidstyle.synthesis.stylizer import State, StylePicture

FOLLOW = 1 / 32
"""Share by which the shot's colours follow each frame's: a camera left running for hours sees dusk fall."""

SPARSE = 4
"""Every so manieth row and column tells the colours of a frame."""


class Practice(Protocol):
    """Makes better of a style what the network makes of it at first sight."""

    def of(
        self, pictures: Sequence[Pixels], shares: Sequence[float], height: int, style_size: float
    ) -> LiveStyle | None:
        """A mixture of styles, practised; None where there is none to be had.

        Args:
            pictures: of the styles, as the network sees them.
            shares: the part of each in the mixture; they sum to 1.
            height: rows that strokes are sized for.
            style_size: height of a style picture as a share of `height`.
        """
        ...


class LiveStylizer:
    """Paints each frame in one pass, and holds the picture steady along the motion.

    Args:
        painter: the network.
        styles: pictures to learn; their weights are relative. A painter that was specialised to a
            style of its own paints in that one.
        settings: strength, steadiness, size of the style, whether to keep colours.
        device: where the network lies.
        region: of `Frame.regions` whose colours the style's shall be.
        practice: of styles before they are painted in; None paints in all as they are at first sight.

    Attributes:
        learned: the style for frames of so many rows, learnt when first asked for.
    """

    def __init__(
        self,
        painter: LivePainter,
        styles: Sequence[StylePicture],
        settings: Settings,
        device: torch.device,
        region: int = 0,
        practice: Practice | None = None,
    ) -> None:
        self._practice = practice
        self.painter, self.settings, self.device = painter, settings, device
        self.learned = lru_cache(maxsize=4)(lambda height: self.learn(styles, height))
        self._alone = lru_cache(maxsize=4)(lambda height: [self.learn([s], height) for s in styles])
        self._between = lru_cache(maxsize=1)(
            lambda height, weights: self.painter.mix(self._alone(height), weights)
        )
        self._weights: tuple[float, ...] | None = None
        self._region = region
        self._worn: LiveStyle | None = None
        self._memory: Memory | None = None
        self._before: Before | None = None

    def wear(self, style: LiveStyle) -> None:
        """Paint in another style from the next frame on; the picture fades over along the motion."""
        self._worn = style

    def learn(self, styles: Sequence[StylePicture], height: int) -> LiveStyle:
        """A mixture of styles, ready for `wear`, for frames of so many rows.

        Takes a tenth of a second, or what practice takes.
        """
        total = sum(style.weight for style in styles)
        shares = [style.weight / total for style in styles]
        seen = [self._seen(style.pixels) for style in styles]
        rows, size = min(height, TALLEST_STYLE), self.settings.style_size
        practised = None if self._practice is None else self._practice.of(seen, shares, rows, size)
        if practised is not None:
            return self.painter.ready(practised)
        pictures = [tensor_of(picture, self.device) for picture in seen]
        return self.painter.learn(pictures, shares, height=height, style_size=size)

    def direct(self, settings: Settings, weights: Sequence[float] | None) -> None:
        """Other settings, and other weights of the styles, from the next frame on; fulfils `Directed`."""
        self.settings = settings
        if weights is not None:
            if self.painter.own_style is not None:
                raise SettingsError(
                    "mean nothing to a model of one style", where="style_weights", hint="Leave out --model."
                )
            self._weights = tuple(weights)

    def dial(self, strength: float) -> None:
        """Another strength from the next frame on, 0 to 1."""
        self.settings = replace(self.settings, strength=strength)

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot; forgets what came before."""
        return self._through(self.begin(frame, None))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of the shot."""
        return self._through(self.begin(frame, motion))

    def _through(self, begun: Begun) -> Frame:
        return self.finish(begun, self.paint(begun))

    @torch.inference_mode()
    def begin(self, frame: Frame, motion: Motion | None) -> Begun:
        """The first of three parts of `next`, or of `start` where there is no motion; quick.

        Frames are begun in their order, and finished in it. What lies between takes most of the time, and
        threads can do it for several frames at once.
        """
        before, shape = self._before, frame.pixels.shape[:2]
        if motion is None or motion.cut or before is None or before.shape != shape:
            if self.settings.strength == 0:
                return Begun(frame)
            motion = before = None
        own, style = self._colors(frame), self._style(frame.height)
        colors = own if before is None else _between(before.colors, own, FOLLOW)
        running = Running()
        if before is not None and _same(before.wishes, style.wishes):
            running = before.running
        self._before = Before(colors, shape, style.wishes, running)
        return Begun(frame, motion, Means(style, colors, running, running.begin(own)))

    @torch.inference_mode()
    def paint(self, begun: Begun) -> Painted | None:
        """The second part: what takes long; None where the network does not paint."""
        if begun.means is None:
            return None
        style, colors = begun.means.style, begun.means.colors
        pixels = self._seen(begun.frame.pixels)
        picture, spreads = self.painter.paint_knowing(pixels, style, colors, begun.means.turn.known)
        if self.settings.keep_colors == "match":
            own = Colors(style.color_mean, style.color_covariance)
            picture = recolored(picture, palette_map(own, colors))
        return Painted(picture, spreads)

    @torch.inference_mode()
    def finish(self, begun: Begun, painted: Painted | None) -> Frame:
        """The third part, quick again: held steady by the frame before."""
        frame, motion, means = begun.frame, begun.motion, begun.means
        if painted is None or means is None:
            return frame
        means.running.finish(means.turn, painted.spreads)
        picture, wishes = painted.picture, means.style.wishes
        last, least, ground = self._memory, MOST_HELD * self.settings.steady, None
        if motion is not None and last is not None and least > 0:
            before = last.ground
            if not _same(last.wishes, wishes):
                before = replace(before, frames=0)  # to fade over no slower than it must
            size = (frame.height, frame.width)
            back = moved(last.painted, motion).sub_(picture)
            least = calmed(least, back, motion, before.frames)
            held, ground = held_on(before, frame, motion, least)
            picture = steadied(picture, back, shares_on(held, size, self.device))
        self._memory = Memory(picture, means.colors, wishes, ground or painted_on(frame))
        return frame.with_pixels(self._finished(picture, frame.pixels))

    def state(self) -> State:
        """All that the next frame depends on."""
        if self._memory is None or self._before is None:
            return {}
        colors = self._memory.colors
        return {
            "painted": self._memory.painted.cpu().numpy(),
            "color_mean": colors.mean.numpy(),
            "color_covariance": colors.covariance.numpy(),
            "wishes": self._memory.wishes.cpu().numpy(),
            "ground": self._memory.ground.pixels,
            "ground_frames": np.array(self._memory.ground.frames),
            **self._before.running.state(),
        }

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        if not state:
            self._memory = self._before = None
            return
        painted, mean, covariance, wishes = (
            torch.from_numpy(np.asarray(state[name]))
            for name in ("painted", "color_mean", "color_covariance", "wishes")
        )
        painted = painted.to(self.device).contiguous(memory_format=torch.channels_last)
        colors, wishes = Colors(mean, covariance), wishes.to(self.device)
        ground = Ground(np.asarray(state["ground"], np.float32), int(state["ground_frames"]))
        self._memory = Memory(painted, colors, wishes, ground)
        self._before = Before(colors, tuple(painted.shape[-2:]), wishes, Running.restored(state))

    def _seen(self, pixels: Pixels) -> Pixels:
        """What the network looks at: without colours where the source's own are laid over it in the end."""
        if self.settings.keep_colors != "luminance":
            return pixels
        return cast(Pixels, cv2.transform(pixels, np.array([LUMA] * 3)))

    def _colors(self, frame: Frame) -> Colors:
        """The colours that the palette is laid on; by the processor, since a card would be waited for."""
        some = cast(Pixels, np.ascontiguousarray(frame.pixels[::SPARSE, ::SPARSE]))
        seen = tensor_of(self._seen(some))
        if not frame.masks:
            return Colors(*pixel_moments(seen))
        shares = torch.from_numpy(frame.regions()[self._region, ::SPARSE, ::SPARSE])
        return Colors(*pixel_moments(seen, shares[None, None]))

    def _style(self, height: int) -> LiveStyle:
        if self._weights is not None:
            return self._between(height, self._weights)
        return self._worn or self.painter.own_style or self.learned(height)

    def _finished(self, painted: Tensor, source: Pixels) -> Pixels:
        """(H, W, 3) in the source's own type."""
        settings = self.settings
        if settings.keep_colors == "luminance":  # the painted light and dark, the source's own chroma
            image = tensor_of(source, self.device)
            painted = (image + luma(painted) - luma(image)).clamp(0, 1)
        if settings.strength < 1:
            painted = torch.lerp(tensor_of(source, self.device), painted, settings.strength)
        return bytes_of(painted) if source.dtype == np.uint8 else pixels_of(painted)


def _same(wishes: Tensor, others: Tensor) -> bool:
    return wishes is others or torch.equal(wishes, others)


def _between(one: Colors, other: Colors, share: float) -> Colors:
    return Colors(
        torch.lerp(one.mean, other.mean, share), torch.lerp(one.covariance, other.covariance, share)
    )
