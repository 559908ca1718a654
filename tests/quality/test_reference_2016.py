"""The yardstick of the benchmarks does what the papers say, on a network without weights."""

import importlib.util
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

from vidstyle.quality.style import content_distance, style_distance, style_moments, taps_of
from vidstyle.quality.warping import warping_error

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "reference_2016.py"


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("reference_2016", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def style(clean):
    return np.ascontiguousarray(clean[0][:, ::-1])


def last_pictures(steps):
    groups = itertools.groupby(steps, key=lambda step: step.frame.index)
    return [[step.picture().floats() for step in group][-1] for _, group in groups]


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("statistics", ["moments", "gram"])
def test_a_frame_takes_on_the_style_and_keeps_its_content(
    reference, source, style, network, solver, statistics
):
    frame, target = source[0][0], style_moments([(style, 1.0)], network)
    method = reference.Method(solver=solver, statistics=statistics, first_steps=40)
    (painted,) = last_pictures(reference.every_frame_alone([frame], style, network, method))
    before, after = taps_of(frame.floats(), network), taps_of(painted, network)
    assert style_distance(after, target, network) < 0.3 * style_distance(before, target, network)
    shuffled = np.random.default_rng(0).permutation(painted.reshape(-1, 3)).reshape(painted.shape)
    lost = content_distance(taps_of(shuffled, network), before, network)
    assert content_distance(after, before, network) < 0.65 * lost


def test_the_video_method_is_steadier_than_frames_alone(reference, source, style, network):
    moved = source[:4]
    method = reference.Method(first_steps=30, steps=15)
    alone = last_pictures(reference.every_frame_alone((f for f, _ in moved), style, network, method))
    video = last_pictures(reference.video_method(moved, style, network, method))

    def error(pictures):
        pairs = zip(pictures[1:], pictures[:-1], (m for _, m in moved[1:]), strict=True)
        return np.mean([warping_error(now, before, motion) for now, before, motion in pairs])

    assert error(video) < 0.3 * error(alone)
    target = style_moments([(style, 1.0)], network)
    assert style_distance(taps_of(video[-1], network), target, network) < 0.2


def test_steps_are_counted_and_stop_when_the_caller_has_enough(reference, source, style, network):
    frames = [frame for frame, _ in source[:2]]
    steps = reference.every_frame_alone(
        frames, style, network, reference.Method(first_steps=9), enough=lambda step: step.number == 3
    )
    assert [(s.frame.index, s.number) for s in steps] == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]


def test_a_warm_start_is_not_taken_for_a_settled_loss(reference, source, style, network):
    method = reference.Method(first_steps=3, steps=30, window=10, tolerance=1e9)  # settled as soon as allowed
    counts = [0, 0]
    for step in reference.video_method(source[:2], style, network, method):
        counts[step.frame.index] = step.number
    assert counts == [3, 11]
