"""What graphs are told apart by; that they paint what single operations do is shown by tests/gpu."""

import torch

from vidstyle.settings import Settings
from vidstyle.synthesis.graphs import _kind_of, _mapped, _tensors_in
from vidstyle.synthesis.objective import Objective
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.sight import Content, WholeSight


def objective(network, seed=0, size=32, **settings):
    torch.manual_seed(seed)
    sight = WholeSight(network)
    content = (Content(torch.rand(1, 4, size // 4, size // 4), torch.rand(())),)
    return Objective(sight, Settings(**settings), (), content, moved=torch.rand(1, 3, size, size))


def test_losses_of_one_kind_differ_in_their_tensors_alone(network):
    octaves = Octaves(network, 64)
    kinds = [
        _kind_of(loss)
        for loss in (
            objective(octaves),
            objective(octaves, seed=1),
            objective(octaves, size=48),
            objective(octaves, content_weight=2.0),
            objective(Octaves(network, 64)),
        )
    ]
    assert kinds[0] == kinds[1]
    assert len(set(kinds)) == 4


def test_a_twin_has_tensors_of_its_own_and_all_the_rest_in_common(network):
    loss = objective(Octaves(network, 64))
    twin = _mapped(loss, torch.clone)
    assert twin.settings is loss.settings and twin.sight is loss.sight
    pairs = list(zip(_tensors_in(twin), _tensors_in(loss), strict=True))
    assert len(pairs) == 3
    assert all(a is not b and torch.equal(a, b) for a, b in pairs)
