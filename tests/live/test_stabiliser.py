"""The last picture is held where it is trusted, as much as it takes, and what was wrong in it fades."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vidstyle.frames import Motion
from vidstyle.live.stabiliser import CALMER, LIVELY, calmed, moved, steadied

SIZE = (24, 40)
TRUSTED = torch.ones(1, 1, *SIZE)
LEAST = 0.72
MOST = 1 - (1 - LEAST) / CALMER
MANY = 100  # frames in a style


def noise(seed: int, size: tuple[int, int] = SIZE) -> torch.Tensor:
    return torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed))


def motion_by(across: float, down: float) -> Motion:
    """Where each pixel of a picture of half the size was."""
    flow = np.broadcast_to(np.array([across, down], np.float32), (SIZE[0] // 2, SIZE[1] // 2, 2)).copy()
    return Motion(flow, np.ones(flow.shape[:2], np.float32), cut=False)


STILL = motion_by(0, 0)


def changed(change: float | None, trust: np.ndarray | None = None) -> Motion:
    """Motion of a picture of half the size, whose source changed by so much."""
    whole = np.ones((SIZE[0] // 2, SIZE[1] // 2), np.float32)
    flow = np.zeros((*whole.shape, 2), np.float32)
    return Motion(flow, whole if trust is None else trust, cut=False, change=change)


def next_shown(painted: torch.Tensor, last: torch.Tensor, held: torch.Tensor) -> torch.Tensor:
    """What is shown of a still scene after `last`."""
    return steadied(painted, moved(last, STILL) - painted, held)


def test_nothing_is_held_where_nothing_is_trusted() -> None:
    painted = noise(1)
    assert torch.equal(next_shown(painted, noise(2), 0 * TRUSTED), painted)


def test_flicker_of_a_still_scene_is_averaged_away() -> None:
    scene, shown = noise(0), noise(0)
    changes = []
    for number in range(40):
        painted = scene + 0.1 * (noise(number + 1) - 0.5)
        now = next_shown(painted, shown, 0.7 * TRUSTED)
        changes.append(float((now - shown).abs().mean()))
        shown = now
    flicker = float((0.1 * (noise(1) - noise(2))).abs().mean())
    assert sum(changes[20:]) / 20 < 0.4 * flicker


@pytest.mark.parametrize("held", [0.5, 0.9])
def test_a_ghost_trusted_wrongly_fades_and_never_grows(held: float) -> None:
    painted, shown = torch.zeros(1, 3, *SIZE), torch.ones(1, 3, *SIZE)
    for number in range(1, 30):
        shown = next_shown(painted, shown, held * TRUSTED)
        assert float(shown.max()) <= held**number + 1e-5
    assert float(shown.max()) < 0.05


def test_what_changes_less_than_its_source_is_held_as_usual() -> None:
    back = 0.1 * (noise(1) - 0.5)
    pull = float(back.square().mean())
    assert calmed(LEAST, back, changed(pull), MANY) == LEAST
    assert calmed(LEAST, back, changed(None), MANY) == LEAST
    assert calmed(LEAST, 0 * back, changed(0.0), MANY) == LEAST


def test_what_changes_more_brings_as_much_as_its_source_does() -> None:
    back = torch.full((1, 3, *SIZE), 0.1)
    change = (0.2 / LIVELY * 0.1) ** 2  # of the source, such that a fifth of the new picture is right
    held = calmed(LEAST, back, changed(change), MANY)
    assert (1 - held) * 0.1 == pytest.approx(LIVELY * change**0.5, rel=1e-4)
    assert calmed(LEAST, 10 * back, changed(change), MANY) == pytest.approx(MOST)


def test_only_what_is_trusted_tells() -> None:
    trust = np.ones((SIZE[0] // 2, SIZE[1] // 2), np.float32)
    trust[:, :10] = 0
    back = torch.full((1, 3, *SIZE), 0.01)
    back[..., :16] = 1.0  # revealed
    assert calmed(LEAST, back, changed(0.01**2, trust), MANY) == LEAST
    assert calmed(LEAST, back, changed(0.01**2), MANY) > LEAST


def test_a_new_style_fades_over_as_quickly_as_any() -> None:
    back = torch.full((1, 3, *SIZE), 0.5)
    shares = [calmed(LEAST, back, changed(1e-5), frames) for frames in range(MANY)]
    assert shares[:3] == [LEAST] * 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(MOST)


def test_the_picture_follows_the_flow() -> None:
    image = noise(3)
    followed = moved(image, motion_by(-2, 1))  # what is at p was at p + (-4, 2)
    assert torch.allclose(followed[..., :-2, 4:], image[..., 2:, :-4], atol=1e-4)


def test_still_pictures_stay_sharp_however_long() -> None:
    image = noise(4)
    shown = image
    for _ in range(50):
        shown = moved(shown, STILL)
    assert torch.allclose(shown, image, atol=1e-3)
