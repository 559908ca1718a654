"""Colours of strokes go on over the surface that they lie on, and over no other."""

import pytest
import torch

from vidstyle.synthesis.spread import spread

HEIGHT, WIDTH = 60, 120
UPPER, LOWER = slice(0, HEIGHT // 2), slice(HEIGHT // 2, HEIGHT)
HELD, FRESH = slice(0, WIDTH // 2), slice(WIDTH // 2, WIDTH)
BESIDE = slice(WIDTH // 2 + 2, WIDTH // 2 + 8)


def two_surfaces():
    """A light one above a dark one, painted redder and bluer in the half that is held."""
    source = torch.full((1, 3, HEIGHT, WIDTH), 0.8)
    source[..., LOWER, :] = 0.2
    painted = source.clone()
    painted[:, 0, UPPER, HELD] += 0.1
    painted[:, 2, LOWER, HELD] += 0.1
    painted[..., FRESH] = 0  # what is not held must not count
    held = torch.zeros(1, 1, HEIGHT, WIDTH)
    held[..., HELD] = 1
    return source, painted, held


def test_each_surface_goes_on_in_its_own_colours():
    source, painted, held = two_surfaces()
    found = spread(source, source, painted, held)
    assert found.shape == source.shape
    above, below = (found[0, :, rows, BESIDE].mean((1, 2)) for rows in (slice(4, 26), slice(34, 56)))
    assert above.tolist() == pytest.approx([0.1, 0, 0], abs=0.01)
    assert below.tolist() == pytest.approx([0, 0, 0.1], abs=0.01)


def test_it_fades_where_nothing_held_is_near_or_alike():
    source, painted, held = two_surfaces()
    far = spread(source, source, painted, held)[..., -10:]
    assert float(far.abs().max()) < 0.01
    unlike = source.clone()
    unlike[..., FRESH] = 0.5
    assert float(spread(unlike, source, painted, held)[..., BESIDE].abs().max()) < 0.01


def test_of_strokes_only_the_patches_go_on():
    source, painted, held = two_surfaces()
    painted[..., HELD] = source[..., HELD]
    painted[..., 0 : WIDTH // 2 : 2] += 0.1
    painted[..., 1 : WIDTH // 2 : 2] -= 0.1
    assert float(spread(source, source, painted, held).abs().max()) < 0.01


@pytest.mark.parametrize("size", [(16, 16), (17, 200), (250, 33)])
def test_any_size_is_spread_and_nothing_held_is_no_change(size):
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    assert float(spread(image, image, image, torch.zeros(1, 1, *size)).abs().max()) == 0
    assert bool(spread(image, image, 1 - image, torch.full((1, 1, *size), 0.3)).isfinite().all())
