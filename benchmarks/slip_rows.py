"""How far strokes slip off what they are painted on over ten frames: rows of a table of TEMPORAL.md.

The judge is the exact flow of the sample clip's two shots, where flow was trusted all the way and nothing
came between; nothing is painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scene
import torch
from clip_rows import SAMPLE, exact

from vidstyle.frames import Frame, Motion
from vidstyle.media import read
from vidstyle.motion import track
from vidstyle.motion.warp import warp
from vidstyle.synthesis.carry import Memory, brought_back, carried
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.slip import no_slip

GAP = 10  # frames
EVERY = 3  # frames between those that are looked at
SHOTS = {"harbour": 0, "windmill": scene.CUT}
COLUMNS = {
    "where": "where",
    "flow": "strokes go along",
    "median": "slipped by, px, median",
    "quarter": "a quarter of the pixels by more than",
    "mean": "mean",
    "one": "error of one frame, px, median",
}

Flow = npt.NDArray[np.float32]


def rows(frames: int) -> list[dict[str, float | str]]:
    """Two rows for each shot: by the flow as painters get it, and with what slipped brought back."""
    made: list[dict[str, float | str]] = []
    for where, first in SHOTS.items():
        clip = [frame for frame in read(SAMPLE) if first <= frame.index < first + frames]
        motions = [motion for _, motion in track(clip, mend=True)]
        for flow, find in {"the flow": _as_it_is, "what is brought back too": _brought_back}.items():
            made.append({"where": where, "flow": flow, **_scores(first, find(clip, motions), motions)})
    return made


def _as_it_is(_frames: Sequence[Frame], motions: Sequence[Motion]) -> list[Flow]:
    return [motion.flow_to_previous for motion in motions]


def _brought_back(frames: Sequence[Frame], motions: Sequence[Motion]) -> list[Flow]:
    """As the painter has it, which here leaves the frame as it is."""
    source = tensor_of(frames[0].pixels, torch.device("cpu"))
    ripe, none = torch.ones_like(source[:, :1]), torch.zeros(1)
    calm = source.new_zeros(1, 4, *source.shape[-2:])
    memory = Memory(source, no_slip(source), source, ripe, 1 - ripe, calm, torch.zeros_like(source), none)
    flows = [motions[0].flow_to_previous]
    for frame, motion in zip(frames[1:], motions[1:], strict=True):
        flow = torch.from_numpy(motion.flow_to_previous).permute(2, 0, 1)[None]
        trust = torch.from_numpy(motion.trust)[None, None]
        flows.append(brought_back(memory.slip, flow, trust)[0].permute(1, 2, 0).numpy())
        carry = carried(memory, tensor_of(frame.pixels, torch.device("cpu")), flow, trust, None)
        memory = replace(memory, seen=carry.seen, slip=carry.slip)
    return flows


def _scores(first: int, flows: Sequence[Flow], motions: Sequence[Motion]) -> dict[str, float]:
    slips, errors = [], []
    for last in range(GAP, len(flows), EVERY):
        total, held = flows[last], motions[last].trust > 0.5
        for index in range(last - 1, last - GAP, -1):
            held = held & (_at(motions[index].trust, total) > 0.5)
            total = total + _at(flows[index], total)
        slips.append(_apart(total, exact(first + last, first + last - GAP), held))
        errors.append(_apart(flows[last], exact(first + last, first + last - 1), motions[last].trust > 0.5))
    slip, error = np.concatenate(slips), np.concatenate(errors)
    return {
        "median": float(np.median(slip)),
        "quarter": float(np.percentile(slip, 75)),
        "mean": float(slip.mean()),
        "one": float(np.median(error)),
    }


def _apart(flow: Flow, truth: Motion, held: npt.NDArray[np.bool_]) -> Flow:
    """Pixels between a flow and the exact one, where that sees the same thing and strokes were held."""
    apart: Flow = np.linalg.norm((flow - truth.flow_to_previous)[held & (truth.trust > 0.5)], axis=-1)
    return apart


def _at(values: Flow, flow: Flow) -> Flow:
    return warp(values, flow, interpolation="linear")
