"""Flow that bled from a moving square into the ground: the ground's own comes back where it was seen."""

import cv2
import numpy as np
import pytest
import torch

from vidstyle.synthesis.mending import mended, surroundings

HEIGHT, WIDTH, SIDE = 64, 96, 24
TOP, LEFT = 20, 40  # of the square now; it goes four pixels to the left while the camera pans one


def texture(height, width, seed):
    noise = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 3.0, borderType=cv2.BORDER_REFLECT)
    return np.clip(0.6 + 0.12 * noise / noise.std(), 0, 1)


def tensor(picture):
    return torch.from_numpy(np.ascontiguousarray(picture, dtype=np.float32)).permute(2, 0, 1)[None]


@pytest.fixture(scope="module")
def scene():
    """(source, before, bled flow, trust, halo, revealed): masks of shape (H, W)."""
    ground, square = texture(HEIGHT, WIDTH + 1, 1), 0.5 * texture(SIDE, SIDE, 2)
    before, source = ground[:, :-1].copy(), ground[:, 1:].copy()
    before[TOP : TOP + SIDE, LEFT + 4 : LEFT + 4 + SIDE] = square
    source[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = square
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    flow[..., 0] = 1
    wide = np.zeros((HEIGHT, WIDTH), bool)
    wide[TOP - 8 : TOP + SIDE + 8, LEFT - 8 : LEFT + SIDE + 8] = True
    flow[wide, 0] = 4  # the square's, and the halo's that it bled into
    thing, revealed = np.zeros_like(wide), np.zeros_like(wide)
    thing[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = True
    revealed[TOP : TOP + SIDE, LEFT + SIDE : LEFT + SIDE + 3] = True
    trust = np.where(wide & ~thing, 0.0, 1.0)
    trust[:, -1] = 0
    return tensor(source), tensor(before), tensor(flow), tensor(trust[..., None]), wide & ~thing, revealed


def seen_before(halo, revealed):
    """The halo's ground, a few pixels from the square's edges, which the soft means reach over."""
    edges = np.zeros(halo.shape, np.uint8)
    edges[TOP : TOP + SIDE, LEFT : LEFT + SIDE + 3] = 1
    return halo & ~revealed & ~(cv2.dilate(edges, np.ones((7, 7))) > 0)


def test_ground_beside_a_moving_thing_takes_the_flow_of_the_ground(scene):
    source, before, flow, trust, halo, revealed = scene
    better, believed = mended(flow, trust, source, before)
    plain = seen_before(halo, revealed)
    assert plain.sum() > 300
    assert float(believed[0, 0].numpy()[plain].mean()) > 0.5
    again = plain & (believed[0, 0].numpy() > 0.9)
    assert np.abs(better[0, 0].numpy()[again] - 1).mean() < 0.3


def test_what_was_revealed_stays_distrusted(scene):
    source, before, flow, trust, _, revealed = scene
    _, believed = mended(flow, trust, source, before)
    assert float(believed[0, 0].numpy()[revealed].mean()) < 0.1
    assert float(believed[0, 0, :, -1].max()) == 0  # came in over the border


def test_trusted_flow_is_left_as_it_is(scene):
    source, before, flow, trust, _, _ = scene
    better, believed = mended(flow, trust, source, before)
    believed_before = (trust[0, 0] >= 0.5).numpy()
    assert torch.equal(better[:, :, believed_before], flow[:, :, believed_before])
    assert bool((believed >= trust).all())
    whole = torch.ones_like(trust)
    assert mended(flow, whole, source, before)[0] is flow


def test_light_that_changes_does_not_hide_the_ground(scene):
    source, before, flow, trust, halo, revealed = scene
    _, believed = mended(flow, trust, (source + 0.08).clamp(0, 1), before)
    assert float(believed[0, 0].numpy()[seen_before(halo, revealed)].mean()) > 0.5


def test_flow_of_the_surroundings_fills_a_hole_of_any_size():
    flow = torch.tensor([3.0, -2.0]).view(1, 2, 1, 1).expand(1, 2, 70, 110).clone()
    trust = torch.ones(1, 1, 70, 110)
    trust[..., 10:60, 20:90] = 0
    flow[..., 10:60, 20:90] = 50
    assert torch.allclose(surroundings(flow, trust), torch.tensor([3.0, -2.0]).view(1, 2, 1, 1), atol=1e-3)
    nowhere = surroundings(flow, torch.zeros_like(trust))
    assert float(nowhere.abs().max()) == 0
