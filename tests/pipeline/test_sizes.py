from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import SettingsError
from vidstyle.pipeline.sizes import asked_size, pixel_aspect

sides = st.integers(64, 8000)


def test_without_a_size_the_source_keeps_its_own() -> None:
    assert asked_size((1081, 1921), None) == (1081, 1921)


def test_a_pair_is_width_and_height_as_people_write_it() -> None:
    assert asked_size((1080, 1920), (640, 360)) == (360, 640)


@pytest.mark.parametrize(
    ("source", "long", "size"),
    [((1080, 1920), 640, (360, 640)), ((1920, 1080), 640, (640, 360)), ((500, 500), 333, (333, 333))],
)
def test_the_long_side_is_the_one_asked_for(
    source: tuple[int, int], long: int, size: tuple[int, int]
) -> None:
    assert asked_size(source, long) == size


@given(height=sides, width=sides, long=st.integers(64, 8000))
def test_proportions_are_kept_to_a_pixel(height: int, width: int, long: int) -> None:
    short = long * min(height, width) / max(height, width)
    if short < 34:
        return
    size = asked_size((height, width), long)
    assert max(size) - long in (0, 1)  # a nearly square one may round up to an even side
    assert abs(min(size) - short) <= 1
    assert (size[0] > size[1]) <= (height > width)


@pytest.mark.parametrize("size", [31, (31, 100), (100, 31), 40, 0, -5])
def test_sides_below_32_are_refused(size: int | tuple[int, int]) -> None:
    with pytest.raises(SettingsError, match="at least 32"):
        asked_size((90, 160), size)


def test_rounding_leaves_the_shape_of_pixels_alone() -> None:
    assert pixel_aspect((1080, 1920), Fraction(1), (270, 480)) == 1
    assert pixel_aspect((576, 720), Fraction(64, 45), (512, 640)) == Fraction(64, 45)
    assert pixel_aspect((481, 853), Fraction(1), (480, 852)) == 1


def test_another_shape_of_picture_looks_the_same_on_the_screen() -> None:
    assert pixel_aspect((1080, 1920), Fraction(1), (480, 640)) == Fraction(4, 3)
