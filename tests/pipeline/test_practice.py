"""Styles practised before a file is painted: once, kept in the cache, and never in the way."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import one_thread  # noqa: F401

from vidstyle.frames import Frame
from vidstyle.live.leaves import made_up
from vidstyle.media import Encoding, VideoShape, VideoWriter
from vidstyle.pipeline import practice
from vidstyle.pipeline.footage import Footage
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


def painted(settings: Settings, footage: Footage | None = None, *, patient: bool = True) -> bytes:
    stylizer = live_painter(STYLES, settings, footage, patient=patient).stylizer
    return stylizer.start(FRAME).bytes().tobytes()


def footage(path: Path, seed: int) -> Footage:
    """Three frames, losslessly."""
    height, width = FRAME.pixels.shape[:2]
    with VideoWriter(path, VideoShape(width, height), Encoding(codec="ffv1")) as writer:
        for number in range(3):
            writer.add(Frame(noise(10 * seed + number), pts=number))
    return Footage(path, (height, width))


def test_the_second_render_skips_it_and_paints_the_same(given: list[int], cache: Path) -> None:
    first = painted(SETTINGS)
    assert given == [4]
    assert len(list(cache.iterdir())) == 1
    assert painted(SETTINGS) == first
    assert given == [4]
    assert painted(replace(SETTINGS, practice=0)) != first


def test_what_the_style_depends_on_tells_it_from_others(
    given: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = KeptPractice("a network", CPU, 2, 0)
    asked = [noise(1)], [1.0], ROWS, 1.0
    style = once.of(*asked)

    def counted(*_: object, lessons: int, **__: object) -> object:
        given.append(lessons)
        return style  # how the others would look does not matter

    monkeypatch.setattr(practice, "practised", counted)
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


def test_a_clip_is_practised_on_its_own_frames(
    given: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: set[bytes] = set()
    pairs: list[int] = []
    really, really_stacked = practice.tensor_of, practice.stacked

    def telling(pixels: np.ndarray, *device: torch.device) -> torch.Tensor:
        taught.add(Frame(pixels).bytes().tobytes())
        return really(pixels, *device)

    def telling_all(pictures: Sequence[np.ndarray]) -> torch.Tensor:
        taught.update(Frame(pixels).bytes().tobytes() for pixels in pictures)
        pairs.append(len(pictures))
        return really_stacked(pictures)

    monkeypatch.setattr(practice, "tensor_of", telling)
    monkeypatch.setattr(practice, "stacked", telling_all)
    clip = footage(tmp_path / "clip.mkv", 1)
    frames = {pixels.tobytes() for pixels, *_ in clip.glimpses()}
    style, leaf = (
        Frame(pixels).bytes().tobytes() for pixels in (noise(1), next(made_up(ROWS, SETTINGS.seed)))
    )
    on_frames = painted(SETTINGS, clip)
    assert len(frames) == 3
    assert taught == {style, *frames}
    assert set(pairs) == {1, 2}, "each but the first has the one before it"
    on_leaves = painted(SETTINGS)
    assert leaf in taught
    assert on_frames != on_leaves
    assert given == [4, 4]


def test_each_clip_has_a_style_of_its_own_and_no_stretch_of_it_another(
    given: list[int], tmp_path: Path, cache: Path
) -> None:
    one, other = footage(tmp_path / "one.mkv", 1), footage(tmp_path / "other.mkv", 2)
    first = painted(SETTINGS, one)
    assert painted(SETTINGS, other) != first
    assert len(list(cache.iterdir())) == 2
    moved = replace(one, path=one.path.rename(tmp_path / "elsewhere.mkv"))
    assert painted(SETTINGS, moved) == first
    assert given == [4, 4]


def test_a_picture_that_may_not_wait_takes_what_was_practised_last_on_whatever(
    given: list[int], tmp_path: Path, cache: Path
) -> None:
    one, other = footage(tmp_path / "one.mkv", 1), footage(tmp_path / "other.mkv", 2)
    styles = []
    for age, clip in ((20, one), (10, other)):
        styles.append(painted(SETTINGS, clip))
        (newest,) = (path for path in cache.iterdir() if clip.key() in path.name)
        os.utime(newest, (time.time() - age, time.time() - age))
    assert painted(SETTINGS, patient=False) == styles[1]
    painted(SETTINGS, one)  # it is in use
    os.utime(newest, (time.time() - 10, time.time() - 10))
    assert painted(SETTINGS, patient=False) == styles[0]
    assert painted(replace(SETTINGS, seed=1), patient=False) not in styles
    assert given == [4, 4]


def test_of_a_style_kept_twice_a_damaged_one_is_passed_over(tmp_path: Path, cache: Path) -> None:
    sound = painted(SETTINGS, footage(tmp_path / "one.mkv", 1))
    (kept,) = cache.iterdir()
    os.utime(kept, (time.time() - 10, time.time() - 10))
    damaged = kept.with_name(f"{kept.name.partition('-')[0]}-damaged.style")
    damaged.write_bytes(kept.read_bytes()[:-1])
    assert painted(SETTINGS, patient=False) == sound


def test_a_clip_of_which_nothing_can_be_read_is_practised_for_on_made_up_pictures(
    given: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = footage(tmp_path / "clip.mkv", 1)
    monkeypatch.setattr(Footage, "glimpses", lambda _: [])
    assert painted(SETTINGS, clip) == painted(SETTINGS)
    assert given == [4, 4]
