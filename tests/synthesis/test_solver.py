from functools import partial

import pytest
import torch

from vidstyle.synthesis.solver import BETA1, BETA2, LEAP, Bond, Descent, adam, lbfgs

GOAL = torch.linspace(0.2, 0.8, 3 * 8 * 8).view(1, 3, 8, 8)


def towards_goal(image):
    return (image - GOAL).square().mean()


def test_adam_reaches_a_quadratic_goal():
    found = adam(towards_goal, torch.full_like(GOAL, 0.5), steps=200, min_steps=200, step_size=0.02)
    assert float((found.image - GOAL).abs().max()) < 0.02


def test_lbfgs_reaches_a_quadratic_goal_in_a_few_steps():
    found = lbfgs(towards_goal, torch.full_like(GOAL, 0.5), steps=10, share=1.0)
    assert float((found.image - GOAL).abs().max()) < 1e-3


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_pixels_without_a_step_size_stay_where_they_are(solver):
    share = torch.ones(1, 1, 8, 8)
    share[..., :4] = 0
    start = torch.full_like(GOAL, 0.5)
    if solver == "adam":
        found = adam(towards_goal, start, steps=20, min_steps=20, step_size=0.02 * share)
    else:
        found = lbfgs(towards_goal, start, steps=20, share=share)
    assert torch.equal(found.image[..., :4], start[..., :4])
    assert float((found.image - start)[..., 4:].abs().mean()) > 0.02


def test_adam_stops_when_the_loss_has_settled_but_not_before_the_least_steps():
    def flat(image):
        return image.sum() * 0 + 1.0

    for least in (1, 5):
        found = adam(flat, GOAL, steps=50, min_steps=least, step_size=0.02)
        assert found.steps == max(least, 2)  # the first step has nothing to compare with


def test_a_carried_second_moment_lets_settled_pixels_rest():
    """Where gradients are far smaller than they used to be, a fresh Adam still moves by a whole step."""

    def nearly_settled(image):
        return towards_goal(image)

    start = GOAL + 1e-4
    fresh = adam(nearly_settled, start, steps=3, min_steps=3, step_size=0.03)
    carried = adam(
        nearly_settled,
        start,
        steps=3,
        min_steps=3,
        step_size=0.03,
        second_moment=torch.full_like(GOAL, 1e-6),
    )
    assert float((fresh.image - start).abs().mean()) > 0.01
    assert float((carried.image - start).abs().mean()) < 0.001


def test_pictures_stay_within_their_range():
    def brighter(image):
        return -image.sum()

    for image in (
        adam(brighter, GOAL, steps=60, min_steps=60, step_size=0.05).image,
        lbfgs(brighter, GOAL, steps=5, share=1.0).image,
    ):
        assert float(image.max()) <= 1


def test_what_was_settled_is_not_thrown_far_when_it_has_to_move():
    """An average of when gradients were tiny would make the first step a hundred times as large."""
    start = torch.full_like(GOAL, 0.5)
    settled = torch.full_like(GOAL, 1e-12)
    found = adam(towards_goal, start, steps=1, min_steps=1, step_size=0.01, second_moment=settled)
    assert float((found.image - start).abs().max()) <= LEAP * 0.01 + 1e-6


def test_steps_go_on_from_frame_to_frame_as_in_one_descent():
    start, settled = torch.full_like(GOAL, 0.5), torch.full_like(GOAL, 1e-4)
    whole = adam(towards_goal, start, steps=6, min_steps=6, step_size=0.01, second_moment=settled)
    image, momentum, moment = start, None, settled
    for _ in range(6):
        one = adam(
            towards_goal, image, steps=1, min_steps=1, step_size=0.01, momentum=momentum, second_moment=moment
        )
        image, momentum, moment = one.image, one.momentum, one.second_moment
    assert torch.equal(image, whole.image)
    assert torch.equal(momentum, whole.momentum)


def test_what_was_settled_does_not_leap_with_what_is_fresh():
    """Half of the picture has momentum, the other has none: its first gradient counts in full."""
    start, settled = torch.full_like(GOAL, 0.5), torch.full_like(GOAL, 1e-4)
    momentum = torch.zeros(1, 4, *GOAL.shape[-2:])
    momentum[:, 3, :, : GOAL.shape[-1] // 2] = 1.0  # of gradients that were all 0
    halves = adam(
        towards_goal, start, steps=1, min_steps=1, step_size=1e-3, momentum=momentum, second_moment=settled
    )
    change = (halves.image - start).abs()
    fresh = adam(towards_goal, start, steps=1, min_steps=1, step_size=1e-3, second_moment=settled)
    whole = (fresh.image - start).abs()
    left = slice(0, GOAL.shape[-1] // 2)
    assert torch.allclose(change[..., left], whole[..., left] * (1 - BETA1), atol=1e-6)
    assert torch.equal(change[..., GOAL.shape[-1] // 2 :], whole[..., GOAL.shape[-1] // 2 :])


@pytest.mark.parametrize("curvature", [0.0, 0.1, 10.0])
def test_the_first_step_heeds_a_bond_that_it_cannot_feel(curvature):
    """Where the picture starts it has no gradient; after one step it has the minimum of both on its way."""
    start, settled, size = torch.full_like(GOAL, 0.5), torch.full_like(GOAL, 1e-4), 1e-3
    bond = Bond(start, torch.full((1, 1, 8, 8), curvature))
    once = partial(adam, towards_goal, start, steps=1, min_steps=1, step_size=size, second_moment=settled)
    free, held = once().image, once(bond=bond).image
    gradient = 2 * (start - GOAL) / GOAL.numel()
    reach = size / (BETA2 * settled + (1 - BETA2) * gradient.square()).sqrt()
    assert torch.allclose(held - start, (free - start) / (1 + reach * curvature), atol=1e-7)


def test_another_descent_may_take_the_steps():
    """As a graph does: it has a place of its own, which is used again."""
    weight, (image, first, second) = torch.zeros_like(GOAL[:, :1]), (torch.zeros_like(GOAL) for _ in range(3))
    place = Descent(image, first, weight, second, *(torch.tensor(0.0) for _ in range(3)))

    def hastening(descent, loss):
        place.image.copy_(descent.image)
        place.first.zero_()
        place.weight.zero_()
        place.second.zero_()
        place.furthest.copy_(descent.furthest)
        return place, lambda: place.step(loss)

    start = torch.full_like(GOAL, 0.5)
    plain, hastened = (
        adam(towards_goal, start, steps=20, min_steps=20, step_size=0.02, hastening=each)
        for each in (None, hastening)
    )
    assert torch.equal(plain.image, hastened.image) and plain.steps == hastened.steps
    place.image.zero_()
    assert torch.equal(plain.image, hastened.image)
