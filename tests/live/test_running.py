"""What is known of the network's numbers from frames before: when it is, and when it is not."""

from __future__ import annotations

from collections import deque

import pytest
import torch

from vidstyle.live.in_bytes import Spread, Spreads
from vidstyle.live.running import EVERY, LAG, Running, Turn
from vidstyle.synthesis.colors import Colors


def colors(level: float = 0.5, deviation: float = 0.2) -> Colors:
    return Colors(torch.full((3,), level).double(), deviation**2 * torch.eye(3).double())


def seen_in(frame: int) -> Spreads:
    return (Spread(torch.full((2,), float(frame)), torch.ones(2), 0.0, 1.0),)


def finish(running: Running, turn: Turn) -> None:
    running.finish(turn, turn.known or seen_in(turn.number))


def known_in(turn: Turn) -> int | None:
    """The frame that was looked at for this one; None: this one is."""
    return None if turn.known is None else int(turn.known[0].mean[0])


def run(running: Running, count: int, **light: float) -> list[int | None]:
    turns = []
    for _ in range(count):
        turns.append(running.begin(colors(**light)))
        finish(running, turns[-1])
    return [known_in(turn) for turn in turns]


def test_the_first_frames_are_looked_at_and_then_every_eighth() -> None:
    assert (LAG, EVERY) == (4, 8)
    assert run(Running(), 20) == [*[None] * 4, 0, 1, 2, 3, 3, 3, 3, None, 3, 3, 3, 11, 11, 11, 11, None]


def test_how_many_are_painted_at_once_does_not_show() -> None:
    expected = run(Running(), 30)
    for at_once in (2, LAG):
        running, flying, made = Running(), deque[Turn](), []
        for _ in range(30):
            if len(flying) == at_once:
                finish(running, flying.popleft())
            flying.append(running.begin(colors()))
            made.append(known_in(flying[-1]))
        assert made == expected


@pytest.mark.parametrize("light", [{"level": 0.53}, {"deviation": 0.17}, {"deviation": 0.23}])
def test_in_another_light_frames_are_looked_at_until_what_was_seen_in_it_is_known(
    light: dict[str, float],
) -> None:
    running = Running()
    run(running, 8)
    assert run(running, 6, **light) == [None] * LAG + [8, 9]


def test_in_nearly_the_same_light_they_are_not() -> None:
    running = Running()
    run(running, 8)
    assert None not in run(running, 3, level=0.51, deviation=0.19)


def test_flat_frames_are_always_looked_at() -> None:
    assert run(Running(), 12, deviation=0.001) == [None] * 12
    assert run(Running(), 8, deviation=0.01)[LAG:] == [0, 1, 2, 3]


def test_a_network_that_shows_nothing_is_always_looked_at() -> None:
    """One that is not in 8 bits."""
    running = Running()
    for _ in range(12):
        turn = running.begin(colors())
        assert turn.known is None
        running.finish(turn, ())
