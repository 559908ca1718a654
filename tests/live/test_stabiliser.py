"""The last picture is held where it is trusted, and what was wrong in it fades."""

from __future__ import annotations

import pytest
import torch

from vidstyle.live.stabiliser import moved, steadied

SIZE = (24, 40)
STILL = torch.zeros(1, 2, *SIZE)
TRUSTED = torch.ones(1, 1, *SIZE)


def noise(seed: int, size: tuple[int, int] = SIZE) -> torch.Tensor:
    return torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed))


def test_nothing_is_held_where_nothing_is_trusted() -> None:
    painted = noise(1)
    assert torch.equal(steadied(painted, noise(2), STILL, 0 * TRUSTED), painted)


def test_flicker_of_a_still_scene_is_averaged_away() -> None:
    scene, shown = noise(0), noise(0)
    changes = []
    for number in range(40):
        painted = scene + 0.1 * (noise(number + 1) - 0.5)
        now = steadied(painted, shown, STILL, 0.7 * TRUSTED)
        changes.append(float((now - shown).abs().mean()))
        shown = now
    flicker = float((0.1 * (noise(1) - noise(2))).abs().mean())
    assert sum(changes[20:]) / 20 < 0.4 * flicker


@pytest.mark.parametrize("held", [0.5, 0.9])
def test_a_ghost_trusted_wrongly_fades_and_never_grows(held: float) -> None:
    painted, shown = torch.zeros(1, 3, *SIZE), torch.ones(1, 3, *SIZE)
    for number in range(1, 30):
        shown = steadied(painted, shown, STILL, held * TRUSTED)
        assert float(shown.max()) <= held**number + 1e-5
    assert float(shown.max()) < 0.05


def test_the_picture_follows_the_flow() -> None:
    image = noise(3)
    flow = torch.zeros(1, 2, *SIZE)
    flow[:, 0], flow[:, 1] = -4.0, 2.0  # what is at p was at p + (-4, 2)
    followed = moved(image, flow)
    assert torch.allclose(followed[..., :-2, 4:], image[..., 2:, :-4], atol=1e-4)


def test_still_pictures_stay_sharp_however_long() -> None:
    image = noise(4)
    shown = image
    for _ in range(50):
        shown = moved(shown, STILL)
    assert torch.allclose(shown, image, atol=1e-3)
