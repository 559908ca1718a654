"""Paint frames by optimisation: coarse to fine at the start of a shot, warm-started after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.frames import Frame, Motion
from vidstyle.settings import Settings
from vidstyle.synthesis.carry import Carried, Memory, carried
from vidstyle.synthesis.colors import luma
from vidstyle.synthesis.detail import Calm, Detail
from vidstyle.synthesis.dials import Dials, palette_of
from vidstyle.synthesis.graphs import Given, Graphs, Made
from vidstyle.synthesis.later import Later
from vidstyle.synthesis.mixture import Mixtures, shares_of
from vidstyle.synthesis.objective import Objective
from vidstyle.synthesis.pictures import motion_on, pixels_of, resized, tensor_of
from vidstyle.synthesis.regions import fitted, guides_of, parts_of, within
from vidstyle.synthesis.room import LBFGS, PLAIN, Result, Room
from vidstyle.synthesis.sight import WholeSight
from vidstyle.synthesis.slip import no_slip
from vidstyle.synthesis.solver import Solution, adam, lbfgs
from vidstyle.synthesis.spread import spread
from vidstyle.synthesis.stylizer import State, StylePicture
from vidstyle.synthesis.tones import followed, toned
from vidstyle.synthesis.young import YOUNG_FROM, aged, with_surroundings, young_parts

BENEATH = (4, 2)  # a fresh area is painted at a quarter of the size first, then at half of it
STEPS_BENEATH = 4  # at each of these; all of them together cost a step and a quarter at full size
FRESH_FROM = 0.01  # share of the picture that must be fresh before it pays to paint under it
RIPENING = 1.5  # steps after which a revealed pixel is two thirds as finished as its surroundings


class OptimisingStylizer:
    """Paints frames by minimising the loss over their pixels; fulfils `Stylizer`.

    The losses of Gatys et al. 2016 and Ruder et al. 2016, normalised; docs/method.md tells all of it.

    Args:
        styles: one or more pictures; their weights are relative.
        settings: weights, steps, network.
        network: taps to use instead of those that the settings name.

    Attributes:
        room: decides whether frames are seen whole or in tiles.
        graphs: for a graphics card, which waits for Python otherwise.
    """

    def __init__(self, styles: Sequence[StylePicture], settings: Settings, network: FeatureNetwork) -> None:
        self.network = network
        self.device = network.device
        self.settings = settings
        pictures = [self._seen(tensor_of(style.pixels, self.device)) for style in styles]
        self._mixtures = Mixtures(network, styles, pictures, settings.style_size, settings.style_loss)
        self.room = Room(self.device, PLAIN + LBFGS if settings.solver == "lbfgs" else PLAIN)
        self.graphs = Graphs() if self.device.type == "cuda" else None
        self._memory: Memory | None = None
        self._guides: Tensor | None = None  # of the frame that is painted
        self.direct(settings, [style.weight for style in styles if style.region == 0])
        self._dials = Dials(settings.strength, self._shares)

    def direct(self, settings: Settings, weights: Sequence[float] | None) -> None:
        """Other weights, and other weights of the styles, from the next frame on; fulfils `Directed`."""
        self.settings = settings
        if weights is not None:
            self._shares = shares_of(weights)

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot: coarse to fine from the frame in the style's colours."""
        image = tensor_of(frame.pixels, self.device)
        source = self._seen(image)
        self._guides = guides_of(frame, self._mixtures.regions, self.device)
        self._dials = self._turned(source, None)
        ripe = torch.ones_like(source[:, :1])
        young, slip = torch.zeros_like(ripe), no_slip(source)
        if self.settings.strength == 0:
            self._remember(source, slip, Solution(source, None, None, 0), ripe, young)
            return frame
        solution = self._in_room(source, lambda: self._coarse_to_fine(source))
        self._remember(source, slip, solution, ripe, young)
        return frame.with_pixels(self._finished(solution.image, image))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot: from the picture before, moved along the flow."""
        memory = self._memory
        fits = memory is not None and memory.painted.shape[-2:] == frame.pixels.shape[:2]
        if motion.cut or memory is None or not fits or self.settings.strength == 0:
            return self.start(frame)
        image = tensor_of(frame.pixels, self.device)
        source = self._seen(image)
        self._guides = guides_of(frame, self._mixtures.regions, self.device)
        before = Dials.of(memory.dials, len(self._shares))
        self._dials = self._turned(source, before)
        flow, trust = motion_on(motion, (frame.height, frame.width), self.device)
        solution, carry = self._in_room(source, lambda: self._warm(source, flow, trust, memory, before))
        ripeness = 1 - (1 - carry.ripeness) * float(np.exp(-solution.steps / RIPENING))
        self._remember(carry.seen, carry.slip, solution, ripeness, aged(carry.young))
        return frame.with_pixels(self._finished(solution.image, image))

    def state(self) -> State:
        """All that the next frame depends on."""
        if self._memory is None:
            return {}
        kept = {name: tensor for name, tensor in vars(self._memory).items() if tensor is not None}
        return {name: tensor.cpu().numpy() for name, tensor in kept.items()}

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        tensors = {name: torch.from_numpy(np.asarray(array)).to(self.device) for name, array in state.items()}
        self._memory = Memory(**tensors) if tensors else None

    def _remember(
        self, seen: Tensor, slip: Tensor, solution: Solution, ripeness: Tensor, young: Tensor
    ) -> None:
        painted, momentum, moment = solution.image, solution.momentum, solution.second_moment
        if momentum is None or moment is None:
            momentum, moment = painted.new_zeros(1, 4, *painted.shape[-2:]), torch.zeros_like(painted)
        dials = self._dials.tensor()
        self._memory = Memory(seen, slip, painted, ripeness, young, momentum, moment, dials, self._guides)

    def _seen(self, image: Tensor) -> Tensor:
        """What is painted from: without colours where the source's own are laid over it in the end."""
        return luma(image).expand(-1, 3, -1, -1) if self.settings.keep_colors == "luminance" else image

    def _turned(self, source: Tensor, before: Dials | None) -> Dials:
        """Where the dials stand for a frame, after those of the frame before in its shot."""
        palette = None
        if self.settings.keep_colors == "match":
            palette = palette_of(source, None if before is None else before.palette)
        return Dials(self.settings.strength, self._shares, palette)

    def _quickly(self, work: Callable[Given, Made], *things: Given.args, **none: Given.kwargs) -> Made:
        """What some work on tensors gives, as a graph where there are any."""
        return work(*things, **none) if self.graphs is None else self.graphs.call(work, *things, **none)

    def _in_room(self, source: Tensor, work: Callable[[], Result]) -> Result:
        size = (source.shape[-2], source.shape[-1])
        return self.room.paint(self._mixtures.network(size[0]), size, work)

    def _coarse_to_fine(self, source: Tensor) -> Solution:
        height, width = source.shape[-2:]
        steps = self.settings.first_steps
        smallest = self.network.smallest_side
        solution: Solution | None = None
        for level, count in enumerate(steps):
            shrink = 2 ** (len(steps) - 1 - level)
            size = (max(round(height / shrink), smallest), max(round(width / shrink), smallest))
            small = source if shrink == 1 else resized(source, size)
            start = self._recolored(small) if solution is None else self._enlarged(solution.image, small)
            start = within(self._guides, start, small)
            solution = self._solve(self._objective(small), start, count, count, 1.0, None)
        if solution is None:
            raise ValueError("first_steps is empty")
        return solution

    def _enlarged(self, painted: Tensor, source: Tensor) -> Tensor:
        """A coarser scale's picture at the size of `source`, with the detail of it that strength leaves."""
        size, smaller = (source.shape[-2], source.shape[-1]), (painted.shape[-2], painted.shape[-1])
        larger = resized(painted, size)
        if self.settings.strength == 1:
            return larger
        fine = self._recolored(source)
        lost = fine - resized(resized(fine, smaller), size)
        return (larger + (1 - self.settings.strength) * lost).clamp(0, 1)

    def _warm(
        self, source: Tensor, flow: Tensor, trust: Tensor, memory: Memory, before: Dials
    ) -> tuple[Solution, Carried]:
        settings = self.settings
        carry = self._quickly(carried, memory, source, flow, trust, self._guides)
        moved, ripeness = carry.painted, carry.ripeness
        if not torch.equal(memory.dials.cpu(), self._dials.tensor()):
            looks = self._recolored(source, before), self._recolored(source)
            moved = followed(moved, *looks, self._guides)
        held = carry.trust * ripeness
        fresh, young = torch.stack([1 - ripeness.mean(), carry.young.mean()]).tolist()
        plain = self._recolored(source)
        if fresh > FRESH_FROM and self._guides is None:  # a region's rim is tinged by the one beside it
            plain = (plain + self._quickly(spread, source, plain, moved, held)).clamp(0, 1)
        start = within(self._guides, torch.lerp(plain, moved, carry.trust), source)
        later = Later(
            source,
            moved,
            held,
            share=torch.lerp(
                torch.ones_like(ripeness), torch.full_like(ripeness, settings.trusted_step), ripeness
            ),
            young=self._quickly(with_surroundings, carry.young) if young > YOUNG_FROM else None,
            second_moment=carry.second_moment if carry.second_moment.any() else None,
        )
        if fresh > FRESH_FROM:
            # At a size that takes more than half of what comes after, it does not pay.
            for shrink in (each for each in BENEATH if STEPS_BENEATH / each**2 <= settings.steps / 2):
                start = self._underpainted(shrink, later, start, 1 - ripeness)
        solution = self._painted(later, start, settings.steps, settings.min_steps, carry.momentum)
        return solution, carry

    def _underpainted(self, shrink: int, later: Later, start: Tensor, fresh: Tensor) -> Tensor:
        """Large strokes first where the picture is fresh, at a share of the size and less of the cost.

        A few steps at full size cannot raise strokes from the bare frame; after these they can.
        """
        least = self.network.smallest_side
        size = (max(start.shape[-2] // shrink, least), max(start.shape[-1] // shrink, least))
        small = resized(start, size)
        change = self._painted(later.at(size), small, STEPS_BENEATH, STEPS_BENEATH).image - small
        # "antialias" has nothing to smooth in what grows: it takes a kernel four times as fast, whose cubic
        # is a little softer.
        change = F.interpolate(change, start.shape[-2:], mode="bicubic", antialias=True, align_corners=False)
        return (start + fresh * change).clamp(0, 1)

    def _painted(
        self, later: Later, start: Tensor, steps: int, min_steps: int, momentum: Tensor | None = None
    ) -> Solution:
        objective = self._objective(later.source, later)
        return self._solve(objective, start, steps, min_steps, later.share, later.second_moment, momentum)

    def _solve(
        self,
        loss: Objective,
        start: Tensor,
        steps: int,
        min_steps: int,
        share: Tensor | float,
        second_moment: Tensor | None,
        momentum: Tensor | None = None,
    ) -> Solution:
        if self._guides is not None:  # beyond all regions the source stays, for the strokes beside it to see
            share = share * (fitted(self._guides, start).sum(1, keepdim=True) > 0)
        if self.settings.solver == "lbfgs":
            return lbfgs(loss, start, steps=steps, share=share)
        return adam(
            loss,
            start,
            steps=steps,
            min_steps=min_steps,
            step_size=self.settings.step_size * share,
            momentum=momentum,
            second_moment=second_moment,
            bond=loss.bond(),
            hastening=self.graphs if isinstance(loss.sight, WholeSight) else None,
        )

    @torch.no_grad()
    def _objective(self, source: Tensor, later: Later | None = None) -> Objective:
        height, settings = source.shape[-2], self.settings
        network, targets = self._mixtures.network(height), self._mixtures.targets(height, self._dials)
        sight = self.room.sight(network, (height, source.shape[-1]))
        guides = None if self._guides is None else fitted(self._guides, source)
        parts = parts_of(network, guides, targets)
        if later is not None and later.young is not None:
            parts += young_parts(network, later.young, guides, targets)
        asked = tuple(part.weights for part in parts) if settings.strength < 1 else ()
        if isinstance(sight, WholeSight):
            content, sums = self._quickly(WholeSight.first, sight, source, asked)
        else:
            content, sums = sight.first(source, asked)
        if settings.strength < 1:
            parts = tuple(
                part.beginning_at(own, settings.strength, settings.style_loss)
                for part, own in zip(parts, sums, strict=True)
            )
        plain = settings.strength == 1 and not settings.detail and not settings.smooth
        base = source if plain else self._recolored(source)
        return Objective(
            sight,
            settings,
            parts,
            content,
            None if later is None else later.moved,
            None if later is None else later.held,
            base=base if settings.strength < 1 else None,
            detail=Detail.of(source, base) if settings.detail else None,
            calm=Calm.of(source, base) if settings.smooth else None,
        )

    def _recolored(self, source: Tensor, dials: Dials | None = None) -> Tensor:
        """The source in the styles' colours, as far as these dials say, or those of the frame."""
        dials = dials or self._dials
        return toned(source, self._mixtures.targets(source.shape[-2], dials), self._guides, dials.strength)

    def _finished(self, painted: Tensor, image: Tensor) -> np.ndarray:
        if self.settings.keep_colors == "luminance":  # the painted light and dark, the source's own chroma
            painted = (image + luma(painted) - luma(image)).clamp(0, 1)
        return pixels_of(painted)
