"""The yardstick: VGG-19 optimisation of every frame alone, and the video method of 2016, plainly written.

    network = load_vgg19(weights, device, torch.float32)
    for step in every_frame_alone(read(clip), style, network):
        ...  # step.frame, step.number, step.picture()
    for step in video_method(track(read(clip)), style, network):
        ...

`every_frame_alone` is Gatys, Ecker and Bethge (2016) frame by frame; `video_method` is Ruder,
Dosovitskiy and Brox (2016), short-term consistency in one pass: warm start from the previous
result warped along the flow, and gamma * mean c (x - w)^2 on top of style and content.

Where it departs from the papers it does so in the reference's favour, so that nobody can say we beat
a straw man: the style loss matches means and centred covariances, the very statistics that "VGG
style" scores (`statistics="gram"` for theirs); a frame starts from its content, not from noise; the
features are those of an image pyramid up to relu3_1 (content relu3_2), which costs a fraction of
relu5_1; and each loss is normalised by its target, so that the weights carry over between styles.
The scale is one, the solver L-BFGS with a history of 100 or Adam, the stop as in their code: loss changed by
less than 1e-4 of itself over 50 steps. A caller who has seen enough says so through `enough`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features import FeatureNetwork
from vidstyle.frames import Frame, Motion, Pixels
from vidstyle.motion import warp


@dataclass(frozen=True)
class Method:
    """Weights and steps of the reference.

    Attributes:
        content_weight: alpha, of mean |f - f0|^2 / mean f0^2 over the content taps.
        style_weight: beta, of |s - s0|^2 / |s0|^2 over the style taps; 5 to 100 is the papers' ratio.
        temporal_weight: gamma, of mean c (x - w)^2 over pixels in 0..1.
        smoothness_weight: of the mean squared difference of neighbours.
        statistics: what the style loss compares.
        solver: "lbfgs" (theirs) or "adam".
        step_size: of Adam, for pixels in 0..1.
        first_steps: at most, for the first frame of a shot and for frames done alone.
        steps: at most, for the frames that start warm.
        tolerance: stop when the loss changes by less than this share of itself...
        window: ...over so many steps; also the fewest steps of a frame. At a warm start the temporal
            loss is exactly 0, and a test from one step to the next would stop there and then.
    """

    content_weight: float = 0.05
    style_weight: float = 1.0
    temporal_weight: float = 100.0
    smoothness_weight: float = 0.05
    statistics: Literal["moments", "gram"] = "moments"
    solver: Literal["lbfgs", "adam"] = "lbfgs"
    step_size: float = 0.03
    first_steps: int = 2000
    steps: int = 1000
    tolerance: float = 1e-4
    window: int = 50


@dataclass(frozen=True, eq=False)
class Step:
    """The picture after one step of the solver.

    Attributes:
        frame: the source frame.
        number: steps taken for this frame, from 1.
        loss: before the step.
        image: (1, 3, H, W), the solver's own tensor, not clipped to 0..1; it changes with the next step.
    """

    frame: Frame
    number: int
    loss: float
    image: Tensor

    def picture(self) -> Frame:
        """The frame as it is painted now, float32 in 0..1."""
        return self.frame.with_pixels(_pixels(self.image))


Enough = Callable[[Step], bool]


def every_frame_alone(
    frames: Iterable[Frame],
    style: Pixels,
    network: FeatureNetwork,
    method: Method | None = None,
    enough: Enough = lambda step: False,
) -> Iterator[Step]:
    """Every frame by itself, from its own content."""
    method = method or Method()
    for frame in frames:
        target = _style_target(style, frame.height, network, method)
        content = _tensor(frame.floats(), network)
        loss = _appearance_loss(content, target, network, method)
        yield from _solve(frame, content.clone(), loss, method.first_steps, method, enough)


def video_method(
    moved: Iterable[tuple[Frame, Motion]],
    style: Pixels,
    network: FeatureNetwork,
    method: Method | None = None,
    enough: Enough = lambda step: False,
) -> Iterator[Step]:
    """One pass of the 2016 video method over frames with their motion (`vidstyle.motion.track`)."""
    method = method or Method()
    last: Step | None = None
    for frame, motion in moved:
        target = _style_target(style, frame.height, network, method)
        content = _tensor(frame.floats(), network)
        appearance = _appearance_loss(content, target, network, method)
        if last is None or motion.cut:
            start, loss, steps = content.clone(), appearance, method.first_steps
        else:
            carried = warp(last.picture().floats(), motion.flow_to_previous, interpolation="linear")
            start, steps = _tensor(carried, network), method.steps
            loss = _with_temporal(appearance, start.clone(), motion, method)
        for last in _solve(frame, start, loss, steps, method, enough):
            yield last


def _with_temporal(
    appearance: Callable[[Tensor], Tensor], carried: Tensor, motion: Motion, method: Method
) -> Callable[[Tensor], Tensor]:
    trust = torch.from_numpy(motion.trust).to(carried)[None, None]

    def loss(image: Tensor) -> Tensor:
        return appearance(image) + method.temporal_weight * (trust * (image - carried).square()).mean()

    return loss


def _appearance_loss(
    content: Tensor, target: list[Tensor], network: FeatureNetwork, method: Method
) -> Callable[[Tensor], Tensor]:
    """alpha * content + beta * style + smoothness, of (1, 3, H, W)."""
    with torch.no_grad():
        goals = [network(content)[index].float() for index in network.content_taps]

    def loss(image: Tensor) -> Tensor:
        taps = network(image)
        found = _statistics([taps[index] for index in network.style_taps], method)
        style = sum(_relative(a, b) for a, b in zip(found, target, strict=True)) / len(network.style_taps)
        pairs = zip(network.content_taps, goals, strict=True)
        likeness = sum(_relative(taps[index].float(), goal) for index, goal in pairs) / len(goals)
        roughness = image.diff(dim=2).square().mean() + image.diff(dim=3).square().mean()
        return (
            method.style_weight * style
            + method.content_weight * likeness
            + method.smoothness_weight * roughness
        )

    return loss


def _style_target(style: Pixels, height: int, network: FeatureNetwork, method: Method) -> list[Tensor]:
    """Statistics of the style picture, scaled to the frame's height."""
    picture = _tensor(Frame(style).floats(), network)
    width = max(round(picture.shape[3] * height / picture.shape[2]), network.smallest_side)
    picture = F.interpolate(picture, (height, width), mode="bicubic", antialias=True).clamp(0, 1)
    with torch.no_grad():
        taps = network(picture)
        return _statistics([taps[index] for index in network.style_taps], method)


def _statistics(taps: list[Tensor], method: Method) -> list[Tensor]:
    """Gram matrices per pixel, or means and centred covariances, one after the other."""
    found = []
    for tap in taps:
        flat = tap.float().flatten(2)[0]
        if method.statistics == "moments":
            mean = flat.mean(1)
            found.append(mean)
            flat = flat - mean[:, None]
        found.append(flat @ flat.T / flat.shape[1])
    return found


def _relative(actual: Tensor, target: Tensor) -> Tensor:
    return (actual - target).square().sum() / target.square().sum().clamp(min=1e-12)


def _solve(
    frame: Frame,
    image: Tensor,
    loss: Callable[[Tensor], Tensor],
    steps: int,
    method: Method,
    enough: Enough,
) -> Iterator[Step]:
    """Steps of the solver from `image` on, until the loss has settled or the caller has enough."""
    image = image.detach().contiguous().requires_grad_()  # LBFGS views its gradient as one row
    solver: torch.optim.Optimizer
    if method.solver == "lbfgs":
        # One evaluation a call. Its own tolerances and its guard y.s > 1e-10 mean losses of another size:
        # ours is a mean over pixels, so it is multiplied up by their number.
        solver = torch.optim.LBFGS(
            [image], lr=1, max_iter=1, history_size=100, tolerance_grad=0, tolerance_change=0
        )
        unit = float(image.numel())
    else:
        solver, unit = torch.optim.Adam([image], lr=method.step_size), 1.0

    def evaluate() -> Tensor:
        solver.zero_grad()
        value = loss(image) * unit
        value.backward()
        return value

    history: list[float] = []
    for number in range(1, steps + 1):
        history.append(float(solver.step(evaluate).detach()) / unit)  # type: ignore[no-untyped-call]
        if method.solver == "adam":  # L-BFGS remembers where it went and must not be moved
            with torch.no_grad():
                image.clamp_(0, 1)
        step = Step(frame, number, history[-1], image.detach())
        yield step
        if enough(step) or _settled(history, method):
            return


def _settled(history: list[float], method: Method) -> bool:
    if len(history) <= method.window:
        return False
    before = history[-method.window - 1]
    return abs(before - history[-1]) < method.tolerance * abs(before)


def _tensor(pixels: npt.NDArray[np.float32], network: FeatureNetwork) -> Tensor:
    """(H, W, 3) -> (1, 3, H, W) on the network's device."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].to(network.device)


def _pixels(image: Tensor) -> npt.NDArray[np.float32]:
    """(1, 3, H, W) -> (H, W, 3)."""
    return np.ascontiguousarray(image[0].permute(1, 2, 0).cpu().numpy().clip(0, 1))
