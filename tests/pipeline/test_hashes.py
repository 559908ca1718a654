"""What a segment's carry is told by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from vidstyle.pipeline.hashes import sha256_of

Arrays = Mapping[str, np.ndarray]


def arrays() -> dict[str, np.ndarray]:
    picture = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    return {"painted": picture, "shown": np.array(3), "none": np.zeros((0, 3))}


def test_arrays_are_told_by_what_they_hold_and_not_by_how_they_lie_in_memory() -> None:
    told, found = sha256_of(arrays()), arrays()
    assert len(told) == 64
    assert sha256_of(dict(reversed(found.items()))) == told
    assert sha256_of(found | {"painted": np.asfortranarray(found["painted"])}) == told
    spread = np.broadcast_to(np.float32(2), (5, 6))
    assert sha256_of({"a": spread}) == sha256_of({"a": spread.copy()})


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found | {"painted": found["painted"] + np.float32(1e-6)},
        lambda found: found | {"painted": found["painted"].reshape(3, 2, 4)},
        lambda found: found | {"painted": found["painted"].view(np.int32)},
        lambda found: found | {"none": np.zeros((3, 0))},
        lambda found: {name: array for name, array in found.items() if name != "none"},
        lambda found: {"drawn" if name == "painted" else name: array for name, array in found.items()},
    ],
    ids=["a number", "the shape", "the type", "a shape of nothing", "one less", "a name"],
)
def test_arrays_that_differ_in_anything_are_told_apart(change: Callable[[Arrays], Arrays]) -> None:
    assert sha256_of(change(arrays())) != sha256_of(arrays())
