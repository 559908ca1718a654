"""Edges that are kept, and flats that stay flat, where the source has them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from tests.synthesis.conftest import landscape, strokes
from vidstyle.frames import Frame
from vidstyle.settings import Settings
from vidstyle.synthesis.detail import Calm, Detail, edges_of, flats_of, laplacian
from vidstyle.synthesis.pictures import tensor_of

CPU = torch.device("cpu")


def grey(values: torch.Tensor) -> torch.Tensor:
    return values.expand(1, 3, -1, -1)


def test_the_laplacian_of_a_ramp_is_nothing_and_of_a_square_two():
    x = torch.arange(20.0).expand(1, 1, 10, 20)
    assert torch.allclose(laplacian(x)[..., 1:-1, 1:-1], torch.zeros(8, 18))
    assert torch.allclose(laplacian(x.square())[..., 1:-1, 1:-1], torch.full((8, 18), 2.0))


def test_edges_are_where_the_source_has_them():
    image = torch.zeros(1, 1, 90, 120)
    image[..., 60:] = 0.8
    edges = edges_of(grey(image))
    assert edges[..., 59:61].min() > 0.7
    assert edges[..., :50].max() < 0.01
    assert edges[..., 70:].max() < 0.01


def test_a_gradient_with_grain_is_flat_and_leaves_are_not():
    rng = np.random.default_rng(0)
    sky = np.linspace(0.3, 0.7, 180)[:, None] + rng.normal(0, 0.01, (180, 120))
    leaves = 0.5 + cv2.GaussianBlur(rng.normal(0, 1, (180, 120)), (0, 0), 2) * 0.7
    picture = np.hstack([sky, np.clip(leaves, 0, 1)])
    flats = flats_of(grey(torch.from_numpy(picture).float()))
    assert flats[..., :100].mean() > 0.75
    assert flats[..., 140:].mean() < 0.05


def test_only_what_lies_in_flats_is_asked_to_be_calm_and_its_own_gradient_is_no_unrest():
    base = torch.full((1, 3, 64, 96), 0.5)
    base[..., 48:] = torch.rand(1, 3, 64, 48, generator=torch.Generator().manual_seed(1))
    base[..., :48] = torch.linspace(0.2, 0.8, 64)[:, None]
    calm = Calm.of(base, base)
    noise = 0.1 * torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    left, right = noise.clone(), noise.clone()
    left[..., 36:], right[..., :72] = 0, 0
    assert float(calm.distance(base)) == 0
    assert float(calm.distance(base + 0.1)) < 1e-12
    assert float(calm.distance(base + left)) > 30 * float(calm.distance(base + right))


def test_the_source_itself_has_all_of_its_detail():
    source = tensor_of(landscape(), CPU)
    detail = Detail.of(source, source)
    assert float(detail.distance(source)) == 0
    blurred = torch.nn.functional.avg_pool2d(source, 3, 1, 1)
    assert float(detail.distance(blurred)) > 1e-5


def sign() -> np.ndarray:
    picture = landscape(96, 160)
    cv2.putText(picture, "DETAIL", (14, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 40), 3, cv2.LINE_AA)
    return picture


def read(painted: np.ndarray, source: np.ndarray) -> float:
    """How well the letters' edges are seen: correlation of the Laplacians of luma where they are."""
    lines = (slice(32, 66), slice(10, 150))
    one, other = (cv2.Laplacian(p.mean(2).astype(np.float32), cv2.CV_32F)[lines] for p in (painted, source))
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_more_detail_makes_letters_more_legible_and_the_style_is_still_there(stylizer):
    source = Frame(sign())
    steps = {"first_steps": (12, 12)}
    painted = {d: stylizer(detail=d, **steps).start(source).floats() for d in (0.0, 0.25, 1.0)}
    legible = [read(painted[d], source.floats()) for d in (0.0, 0.25, 1.0)]
    assert legible == sorted(legible)
    assert legible[2] > 0.6 > 0.4 > legible[0]
    bare = stylizer(style_weight=0.0, detail=1.0, **steps).start(source).floats()
    assert np.abs(painted[1.0] - bare).mean() > 0.6 * np.abs(painted[0.0] - bare).mean()


def test_a_sky_stays_flat_and_leaves_are_painted_as_before(stylizer):
    picture = landscape(96, 128)
    picture[48:] = strokes(48, 128, seed=3)
    source = Frame(picture)
    painters = {s: stylizer(smooth=s, first_steps=(12, 12)) for s in (0.0, 0.4, 1.0)}
    strong = {s: painter.start(source).floats() for s, painter in painters.items()}
    sky = [np.abs(np.diff(strong[s][:20, :60], axis=1)).mean() for s in (0.0, 0.4, 1.0)]
    assert sky == sorted(sky, reverse=True)
    assert sky[2] < 0.3 * sky[0]
    leaves = [np.abs(np.diff(strong[s][56:], axis=1)).mean() for s in (0.0, 1.0)]
    assert leaves[1] > 0.8 * leaves[0]


@pytest.mark.parametrize("name", ["detail", "smooth"])
def test_at_0_nothing_is_computed(stylizer, source, monkeypatch, name):
    def never(*_: object) -> None:
        raise AssertionError(f"{name} was computed")

    monkeypatch.setattr("vidstyle.synthesis.optimiser.Detail.of", never)
    monkeypatch.setattr("vidstyle.synthesis.optimiser.Calm.of", never)
    stylizer(first_steps=(2, 2)).start(source)
    with pytest.raises(AssertionError, match=name):
        stylizer(first_steps=(2, 2), **{name: 0.5}).start(source)


@pytest.mark.parametrize("name", ["detail", "smooth"])
def test_the_live_quality_has_neither(name):
    with pytest.raises(Exception, match=f"{name}: means nothing with quality live"):
        Settings.preset("live", **{name: 0.5})


def test_small_pictures_have_both(stylizer):
    frame = Frame(strokes(33, 35))
    painted = stylizer(first_steps=(4, 4), detail=1.0, smooth=1.0).start(frame)
    assert painted.pixels.shape == (33, 35, 3)
