"""The live stylizer: steady, resumable, restarted at cuts, and true to its settings."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, starmap
from pathlib import Path

import numpy as np
import pytest
import torch

from vidstyle.errors import SettingsError
from vidstyle.features import load_features
from vidstyle.features.eight_bits import works_here
from vidstyle.frames import Frame, Motion
from vidstyle.live.between import Begun, Painted
from vidstyle.live.painter import load_live
from vidstyle.live.running import LAG
from vidstyle.live.stylizer import LiveStylizer
from vidstyle.motion import quick_motion
from vidstyle.schedule import Keyframe, Schedule
from vidstyle.settings import Settings
from vidstyle.synthesis.scheduled import Scheduled
from vidstyle.synthesis.stylizer import StylePicture

Make = Callable[..., LiveStylizer]


def picture(seed: int, size: tuple[int, int] = (50, 70)) -> np.ndarray:
    small = np.random.default_rng(seed).random((size[0] // 8 + 1, size[1] // 8 + 1, 3))
    whole = np.kron(small, np.ones((8, 8, 1)))[: size[0], : size[1]]
    return (whole * 255).astype(np.uint8)


def maker(live_model: Path, dtype: torch.dtype) -> Make:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    painter = load_live(load_features("builtin"), dtype, live_model)
    torch.set_num_threads(threads)

    def stylizer(**settings: object) -> LiveStylizer:
        return LiveStylizer(
            painter, [StylePicture(picture(9))], Settings.preset("live", **settings), torch.device("cpu")
        )

    return stylizer


@pytest.fixture(scope="module")
def make(live_model: Path) -> Make:
    return maker(live_model, torch.float32)


@pytest.fixture(scope="module")
def make_in_bytes(live_model: Path) -> Make:
    if not works_here():
        pytest.skip("torch has no products of bytes here")
    return maker(live_model, torch.int8)


def shot(count: int) -> list[Frame]:
    scene = picture(1, (50, 70 + 2 * count))
    return [Frame(np.ascontiguousarray(scene[:, 2 * n : 2 * n + 70]), pts=n, index=n) for n in range(count)]


def run(stylizer: LiveStylizer, frames: list[Frame]) -> list[np.ndarray]:
    painted = [stylizer.start(frames[0])]
    painted += [stylizer.next(frame, quick_motion(before, frame)) for before, frame in pairwise(frames)]
    return [frame.pixels for frame in painted]


def test_a_frame_keeps_its_size_type_and_time(make: Make) -> None:
    frame = Frame(picture(1), pts=7, index=3)
    painted = make().start(frame)
    assert painted.pixels.shape == frame.pixels.shape
    assert painted.pixels.dtype == np.uint8
    assert (painted.pts, painted.index) == (7, 3)
    assert np.abs(painted.pixels.astype(int) - frame.pixels).mean() > 5
    deep = make().start(Frame(frame.floats()))
    assert np.abs(deep.floats() - painted.floats()).max() < 0.01


def test_going_on_from_a_state_gives_the_same_bytes(make: Make) -> None:
    frames = shot(5)
    whole = make()
    run(whole, frames[:3])
    state = {name: np.array(array) for name, array in whole.state().items()}
    motion = quick_motion(frames[2], frames[3])
    expected = whole.next(frames[3], motion).pixels
    resumed = make()
    resumed.restore(state)
    assert np.array_equal(resumed.next(frames[3], motion).pixels, expected)


def test_frames_painted_apart_are_those_painted_one_after_another(make: Make) -> None:
    frames, other = shot(4), Frame(picture(5))
    together, apart = make(), make()
    motions = [None, *(quick_motion(before, frame) for before, frame in pairwise(frames))]
    clip = [*zip(frames, motions, strict=True), (other, Motion.first_of_shot(50, 70))]
    expected = [*run(together, frames), together.next(*clip[-1]).pixels]
    begun = [apart.begin(frame, motion) for frame, motion in clip]
    painted = {number: apart.paint(begun[number]) for number in reversed(range(len(clip)))}
    pictures = [apart.finish(each, painted[number]).pixels for number, each in enumerate(begun)]
    assert all(np.array_equal(one, two) for one, two in zip(pictures, expected, strict=True))


def moving(frames: list[Frame]) -> list[tuple[Frame, Motion | None]]:
    motions = [quick_motion(before, frame) for before, frame in pairwise(frames)]
    return [*zip(frames, [None, *motions], strict=True)]


@pytest.mark.parametrize("at_once", [2, LAG])
def test_in_8_bits_pictures_tell_nothing_of_how_many_were_painted_at_once(
    make_in_bytes: Make, at_once: int
) -> None:
    clip = [*moving(shot(14)), (Frame(picture(5)), Motion.first_of_shot(50, 70))]
    one_by_one, apart = make_in_bytes(), make_in_bytes()
    expected = [
        one_by_one.finish(each, one_by_one.paint(each)).pixels for each in starmap(one_by_one.begin, clip)
    ]
    flying, pictures = deque[tuple[Begun, Painted | None]](), []
    for frame, motion in clip:
        if len(flying) == at_once:
            pictures.append(apart.finish(*flying.popleft()).pixels)
        begun = apart.begin(frame, motion)
        flying.append((begun, apart.paint(begun)))
    pictures += [apart.finish(*each).pixels for each in flying]
    assert all(np.array_equal(one, two) for one, two in zip(pictures, expected, strict=True))


@pytest.mark.parametrize("after", [1, 3, 6, 11])
def test_in_8_bits_going_on_from_a_state_gives_the_same_bytes(make_in_bytes: Make, after: int) -> None:
    clip = moving(shot(after + 3))
    whole, resumed = make_in_bytes(), make_in_bytes()
    for frame, motion in clip[:after]:
        whole.finish(begun := whole.begin(frame, motion), whole.paint(begun))
    resumed.restore({name: np.array(array) for name, array in whole.state().items()})
    for frame, motion in clip[after:]:
        assert motion is not None
        assert np.array_equal(resumed.next(frame, motion).pixels, whole.next(frame, motion).pixels)


def test_a_cut_forgets_what_came_before(make: Make) -> None:
    stylizer, other = make(), Frame(picture(5))
    run(stylizer, shot(3))
    after = stylizer.next(other, Motion.first_of_shot(50, 70)).pixels
    assert np.array_equal(after, make().start(other).pixels)


def test_a_steadier_picture_changes_less_in_a_still_scene_with_noise(make: Make) -> None:
    scene, noise = picture(2).astype(int), np.random.default_rng(0)
    frames = [
        Frame(np.clip(scene + noise.normal(0, 4, scene.shape), 0, 255).astype(np.uint8)) for _ in range(6)
    ]

    def change(steady: float) -> float:
        painted = run(make(steady=steady), frames)
        return float(np.abs(painted[-1].astype(int) - painted[-2]).mean())

    assert change(0.8) < 0.6 * change(0.0)


def test_what_changes_more_than_its_source_is_held_more(make: Make) -> None:
    scene, noise = picture(2).astype(int), np.random.default_rng(0)
    frames = [
        Frame(np.clip(scene + noise.normal(0, 9, scene.shape), 0, 255).astype(np.uint8)) for _ in range(12)
    ]

    def change(told: float | None) -> float:
        stylizer = make()
        painted = [stylizer.start(frames[0]).pixels.astype(int)]
        for before, frame in pairwise(frames):
            motion = replace(quick_motion(before, frame), change=told)
            painted.append(stylizer.next(frame, motion).pixels.astype(int))
        return float(np.mean([np.abs(b - a).mean() for a, b in pairwise(painted[6:])]))

    assert change(1e-9) < 0.9 * change(None)
    assert change(1.0) == change(None)


def test_a_still_scene_with_noise_comes_to_rest(make: Make) -> None:
    scene, noise = picture(2).astype(int), np.random.default_rng(0)
    frames = [
        Frame(np.clip(scene + noise.normal(0, 3, scene.shape), 0, 255).astype(np.uint8)) for _ in range(20)
    ]

    def change(steady: float) -> float:
        painted = run(make(steady=steady), frames)
        return float(np.mean([np.abs(b.astype(int) - a).mean() for a, b in pairwise(painted[12:])]))

    assert change(0.8) < 0.22 * change(0.0)


def test_strength_goes_from_the_source_to_the_style(make: Make) -> None:
    frame = Frame(picture(1))
    full, half = make().start(frame).floats(), make(strength=0.5).start(frame).floats()
    assert np.array_equal(make(strength=0).start(frame).pixels, frame.pixels)
    assert np.abs(half - (full + frame.floats()) / 2).max() < 0.01


def test_kept_colours_are_those_of_the_source(make: Make) -> None:
    frame = Frame(np.full((40, 40, 3), (120, 90, 60), np.uint8))
    painted = make(keep_colors=True).start(frame).pixels.astype(int)
    inner = (painted - painted[..., :1])[(painted > 2).all(-1) & (painted < 253).all(-1)]
    assert len(inner)
    assert np.abs(inner - (0, -30, -60)).max() <= 2


def test_a_style_put_on_shows_at_once_and_fades_in(make: Make) -> None:
    frames = [Frame(picture(1))] * 30
    stylizer = make()
    run(stylizer, frames[:3])
    other = LiveStylizer(
        stylizer.painter, [StylePicture(255 - picture(9))], stylizer.settings, stylizer.device
    )
    goal = run(other, frames)[-1].astype(int)
    stylizer.wear(other.learned(50))
    still = quick_motion(frames[0], frames[0])
    gaps = [np.abs(stylizer.next(frames[0], still).pixels - goal).mean() for _ in range(30)]
    assert gaps[0] > 2 * gaps[5]
    assert gaps[-1] < 1


def test_a_schedule_turns_the_dial_and_mixes_the_styles(make: Make, live_model: Path) -> None:
    frames, styles = shot(5), [StylePicture(picture(9)), StylePicture(picture(10))]
    schedule = Schedule(
        (
            Keyframe(Fraction(0), strength=0.0, style_weights=(1, 0)),
            Keyframe(Fraction(4, 25), strength=1.0, style_weights=(0, 1)),
        )
    )
    settings = Settings.preset("live", schedule=schedule, steady=0.0)
    whole = Scheduled(LiveStylizer(make().painter, styles, settings, torch.device("cpu")), settings)
    changing = run(whole, frames)  # type: ignore[arg-type]
    np.testing.assert_array_equal(changing[0], frames[0].pixels)
    last = LiveStylizer(make().painter, styles[1:], Settings.preset("live", steady=0.0), torch.device("cpu"))
    assert np.abs(changing[-1].astype(int) - run(last, frames)[-1]).mean() < 1
    away = [np.abs(a.astype(int) - b.pixels).mean() for a, b in zip(changing, frames, strict=True)]
    assert away == sorted(away)


def test_a_model_of_one_style_has_no_others_to_mix(make: Make) -> None:
    stylizer = make()
    stylizer.painter = copy(stylizer.painter)
    stylizer.painter.own_style = stylizer.learned(50)
    with pytest.raises(SettingsError, match="style_weights: mean nothing to a model of one style"):
        stylizer.direct(stylizer.settings, (1, 0))


def test_matched_colors_are_the_sources() -> None:
    painter = load_live(load_features("builtin"), torch.float32)  # one that knows its styles
    frame, dark = Frame(picture(1)), StylePicture((picture(9) * (0.6, 0.3, 0.2)).astype(np.uint8))

    def away(way: object) -> float:
        settings = Settings.preset("live", keep_colors=way)
        painted = LiveStylizer(painter, [dark], settings, torch.device("cpu")).start(frame)
        return float(np.abs(painted.floats().mean((0, 1)) - frame.floats().mean((0, 1))).max())

    assert away("match") < 0.3 * away(False)
