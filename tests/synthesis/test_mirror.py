import pytest
import torch
import torch.nn.functional as F

from vidstyle.synthesis.mirror import mirrored


@pytest.mark.parametrize("size", [(9, 12), (30, 17)])
def test_the_gradient_is_that_of_a_mirrored_margin(size):
    image = torch.rand(1, 3, *size, dtype=torch.float64)
    towards = torch.rand(1, 3, size[0] + 16, size[1] + 16, dtype=torch.float64)
    found = []
    for pad in (lambda t: mirrored(t, 8), lambda t: F.pad(t, (8,) * 4, mode="reflect")):
        variable = image.clone().requires_grad_()
        whole = pad(variable)
        found.append((whole.detach(), torch.autograd.grad((whole * towards).sum(), variable)[0]))
    assert torch.equal(found[0][0], found[1][0])
    torch.testing.assert_close(found[0][1], found[1][1])
