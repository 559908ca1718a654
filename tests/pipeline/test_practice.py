"""Styles practised before a file is painted: once, kept in the cache, and never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from vidstyle.frames import Frame
from vidstyle.pipeline import practice
from vidstyle.pipeline.painter import live_painter
from vidstyle.pipeline.practice import KeptPractice
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

CPU = torch.device("cpu")
ROWS = 48
SETTINGS = Settings.preset("live", practice=4, device="cpu", precision="float32")


def noise(seed: int, size: tuple[int, int] = (ROWS, 64)) -> np.ndarray:
    small = np.random.default_rng(seed).random((size[0] // 8, size[1] // 8, 3))
    return (np.kron(small, np.ones((8, 8, 1))) * 255).astype(np.uint8)


STYLES = [StylePicture(noise(1))]
FRAME = Frame(noise(2))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIDSTYLE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / practice.FOLDER


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lessons were given each time."""
    counts: list[int] = []
    really = practice.practised

    def counted(*args: object, lessons: int, **options: object) -> object:
        counts.append(lessons)
        return really(*args, lessons=lessons, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(practice, "practised", counted)
    return counts


def painted(settings: Settings, *, patient: bool = True) -> bytes:
    return live_painter(STYLES, settings, patient=patient).stylizer.start(FRAME).bytes().tobytes()


def test_the_second_render_skips_it_and_paints_the_same(given: list[int], cache: Path) -> None:
    first = painted(SETTINGS)
    assert given == [4]
    assert len(list(cache.iterdir())) == 1
    assert painted(SETTINGS) == first
    assert given == [4]
    assert painted(replace(SETTINGS, practice=0)) != first


def test_what_the_style_depends_on_tells_it_from_others(given: list[int]) -> None:
    once = KeptPractice("a network", CPU, 2, 0)
    asked = [noise(1)], [1.0], ROWS, 1.0
    once.of(*asked)
    for other, arguments in (
        (replace(once, network="another"), asked),
        (replace(once, lessons=4), asked),
        (replace(once, seed=1), asked),
        (once, ([noise(3)], *asked[1:])),
        (once, ([noise(1), noise(3)], [0.5, 0.5], *asked[2:])),
        (once, ([noise(1), noise(3)], [0.4, 0.6], *asked[2:])),
        (once, (*asked[:2], ROWS + 2, 1.0)),
        (once, (*asked[:3], 0.9)),
    ):
        before = len(given)
        other.of(*arguments)
        assert len(given) == before + 1
    once.of(*asked)
    assert len(given) == 9


@pytest.mark.parametrize("damage", [lambda whole: whole[:-9], lambda whole: whole[:-1] + b"?", lambda _: b""])
def test_a_damaged_one_is_made_anew(given: list[int], cache: Path, damage: object) -> None:
    first = painted(SETTINGS)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))  # type: ignore[operator]
    assert painted(SETTINGS) == first
    assert given == [4, 4]
    assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_time_alone(given: list[int], cache: Path) -> None:
    cache.parent.write_text("no folder")
    first = painted(SETTINGS)
    assert painted(SETTINGS) == first
    assert given == [4, 4]


def test_those_longest_unused_go(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(practice, "KEPT", 2)
    for number in range(4):
        practice._keep(cache / f"{number}.style", b"content")
        if number:
            assert practice._read(cache / "1.style") == b"content"
    assert {path.stem for path in cache.iterdir()} == {"1", "3"}


def test_without_lessons_styles_are_painted_at_first_sight(given: list[int], cache: Path) -> None:
    from vidstyle.features import load_features
    from vidstyle.live.painter import load_live
    from vidstyle.live.stylizer import LiveStylizer

    plain = LiveStylizer(load_live(load_features("builtin"), torch.float32), STYLES, SETTINGS, CPU)
    assert painted(replace(SETTINGS, practice=0)) == plain.start(FRAME).bytes().tobytes()
    assert not given
    assert not cache.exists()


def test_a_model_of_ones_own_is_not_practised(given: list[int], live_model: Path) -> None:
    painted(replace(SETTINGS, model=live_model))
    assert not given


def test_a_picture_that_may_not_wait_takes_what_is_kept(given: list[int]) -> None:
    at_once = painted(SETTINGS, patient=False)
    assert not given
    assert at_once == painted(replace(SETTINGS, practice=0))
    practised = painted(SETTINGS)
    assert practised != at_once
    assert painted(SETTINGS, patient=False) == practised


def test_tall_frames_share_what_is_practised(given: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidstyle.live.stylizer.TALLEST_STYLE", 32)
    stylizer = live_painter(STYLES, SETTINGS).stylizer
    stylizer.start(FRAME)
    stylizer.start(Frame(noise(2, (64, 96))))
    assert given == [4]
