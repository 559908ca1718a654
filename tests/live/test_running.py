"""What is known of the network's numbers from frames before: when it is, and when it is not."""

from __future__ import annotations

import torch

from vidstyle.live.in_bytes import Spread, Spreads
from vidstyle.live.running import ANEW, LAG, Running
from vidstyle.synthesis.colors import Colors

LAYERS = 12


def colors(level: float = 0.5) -> Colors:
    return Colors(torch.full((3,), level).double(), 0.04 * torch.eye(3).double())


def seen(frame: float) -> Spreads:
    return tuple(Spread(torch.full((2,), frame), torch.ones(2), 0.0, 1.0) for _ in range(LAYERS))


def frames_of(spreads: Spreads) -> list[int]:
    return [int(spread.mean[0]) for spread in spreads]


def run(running: Running, frames: range, *, level: float = 0.5) -> list[int]:
    """How many layers each frame sees anew."""
    counts = []
    for frame in frames:
        known = running.begin(colors(level))
        now = seen(frame)
        counts.append(LAYERS if known is None else sum(spread is None for spread in known))
        there = now if known is None else tuple(k or n for k, n in zip(known, now, strict=True))
        running.finish(known, there)
    return counts


def test_the_first_frames_see_all_and_each_later_one_some_layers_anew() -> None:
    assert run(Running(), range(12)) == [LAYERS] * LAG + [ANEW] * 8


def test_no_layer_is_known_from_long_ago() -> None:
    running = Running()
    run(running, range(40))
    known = running.begin(colors())
    assert known is not None
    oldest = min(frames_of(tuple(spread for spread in known if spread is not None)))
    assert oldest > 40 - LAG - LAYERS // ANEW - 1


def test_what_frames_saw_that_were_painted_at_once_is_kept_of_all_of_them() -> None:
    running = Running()
    run(running, range(LAG))
    begun = [running.begin(colors()) for _ in range(LAG)]
    for frame, known in enumerate(begun, LAG):
        assert known is not None
        now = seen(frame)
        running.finish(known, tuple(k or n for k, n in zip(known, now, strict=True)))
    last = running.state()["running_seen"][-1].reshape(LAYERS, -1)[:, 0]
    assert sorted(int(frame) for frame in last if frame >= LAG) == sorted([*range(LAG, 2 * LAG)] * ANEW)


def test_in_another_light_nothing_is_known_until_it_has_been_seen() -> None:
    running = Running()
    run(running, range(8))
    assert run(running, range(8, 14), level=0.7) == [LAYERS] * LAG + [ANEW] * 2


def test_in_nearly_the_same_light_it_is() -> None:
    running = Running()
    run(running, range(8))
    assert run(running, range(8, 10), level=0.52) == [ANEW] * 2
