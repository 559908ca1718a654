import numpy as np
import pytest

from tests.synthesis.conftest import strokes
from vidstyle.features import load_features
from vidstyle.features.eight_bits import works_here
from vidstyle.frames import Frame, Motion
from vidstyle.synthesis import OptimisingStylizer, StylePicture
from vidstyle.synthesis.losses import style_distance
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.statistics import moments
from vidstyle.synthesis.targets import style_target


def still(frame):
    """Nothing moved, and it is certain."""
    motion = Motion.first_of_shot(frame.height, frame.width)
    return Motion(motion.flow_to_previous, motion.trust + 1, cut=False)


def panned(frame, pixels):
    """The frame moved to the left, what comes in mirrored; with its motion."""
    moved = np.pad(frame.pixels, ((0, 0), (0, pixels), (0, 0)), mode="reflect")[:, pixels:]
    flow = np.zeros((frame.height, frame.width, 2), np.float32)
    flow[..., 0] = pixels
    trust = np.ones((frame.height, frame.width), np.float32)
    trust[:, -pixels:] = 0
    return Frame(np.ascontiguousarray(moved)), Motion(flow, trust, cut=False)


def style_of(network, pixels, style):
    """Style distance of a picture under the network's own taps."""
    device = network.device
    goal = style_target(network, [tensor_of(style.pixels, device)], [1.0], height=len(pixels), style_size=1.0)
    taps = network(tensor_of(pixels, device))
    distances = [
        float(style_distance(moments(taps[i]), s, scale))
        for i, s, scale in zip(network.style_taps, goal.statistics, goal.scales, strict=True)
    ]
    return sum(distances) / len(distances)


def test_the_first_frame_takes_on_the_style(network, begun, source, style):
    _, painted = begun()
    before, after = (style_of(network, frame.floats(), style) for frame in (source, painted))
    assert after < 0.35 * before
    assert painted.pixels.shape == source.pixels.shape
    assert painted.pixels.dtype == np.float32


def test_the_content_is_still_there(begun, source):
    """Edges of the source stay edges: its luma explains the picture's better than a mirrored one does."""
    painted = begun()[1].floats().mean(2)
    luma = source.floats().mean(2)
    kept = np.corrcoef(painted.ravel(), luma.ravel())[0, 1]
    mirrored = np.corrcoef(painted.ravel(), luma[::-1].ravel())[0, 1]
    assert kept > 0.3
    assert kept > mirrored + 0.2


def test_strokes_stand_still_where_nothing_moves(stylizer, begun, source):
    painter, painted = begun()
    first = painted.floats()
    again = painter.next(source, still(source)).floats()
    alone = stylizer(seed=0).start(panned(source, 1)[0]).floats()
    assert np.abs(again - first).mean() < 0.01
    assert np.abs(again - first).mean() < 0.2 * np.abs(alone - first).mean()


def test_strokes_move_with_what_they_lie_on(begun, source):
    painter, painted = begun()
    first = painted.floats()
    moved, motion = panned(source, 4)
    second = painter.next(moved, motion).floats()
    carried = np.abs(second[:, :-8] - first[:, 4:-4]).mean()
    stuck = np.abs(second[:, :-8] - first[:, :-8]).mean()
    assert carried < 0.3 * stuck


def test_strokes_move_along_the_flow_of_a_smaller_picture(begun, source):
    (painter, painted), (same, _) = begun(), begun()
    first = painted.floats()
    moved, motion = panned(source, 4)
    small = Motion(motion.flow_to_previous[::2, ::2] / 2, motion.trust[::2, ::2], cut=False)
    second = painter.next(moved, small).floats()
    assert np.abs(second[:, :-8] - first[:, 4:-4]).mean() < 0.3 * np.abs(second - first)[:, :-8].mean()
    assert np.abs(second - same.next(moved, motion).floats())[:, :-8].mean() < 0.01


def test_what_comes_into_view_is_painted_too(network, begun, source, style):
    painter, _ = begun()
    frame = source
    for _ in range(6):
        frame, motion = panned(frame, 6)
        painted = painter.next(frame, motion)
    revealed = painted.floats()[:, -36:]
    raw = frame.floats()[:, -36:]
    assert style_of(network, revealed, style) < 0.5 * style_of(network, raw, style)


def test_a_change_of_light_is_followed_at_once(begun, source):
    painter, painted = begun()
    first = painted.floats()
    darker = Frame((source.floats() * 0.6).astype(np.float32))
    second = painter.next(darker, still(darker)).floats()
    asked = source.floats().mean() - darker.floats().mean()
    assert first.mean() - second.mean() > 0.5 * asked


def test_a_cut_starts_afresh(stylizer, source):
    other = Frame(np.ascontiguousarray(source.pixels[::-1]))
    painter = stylizer(first_steps=(4, 4))
    painter.start(source)
    after_cut = painter.next(other, Motion.first_of_shot(other.height, other.width)).pixels
    assert np.array_equal(after_cut, stylizer(first_steps=(4, 4)).start(other).pixels)


def test_a_frame_of_another_size_starts_afresh(stylizer, source):
    painter = stylizer(first_steps=(4, 4))
    painter.start(source)
    small = Frame(np.ascontiguousarray(source.pixels[:48, :64]))
    assert painter.next(small, still(small)).pixels.shape == (48, 64, 3)


def test_strength_is_a_dial_from_the_source_to_the_style(network, stylizer, begun, source, style):
    assert np.array_equal(stylizer(strength=0.0).start(source).pixels, source.pixels)
    styles, changes = [], []
    between = [stylizer(strength=strength).start(source) for strength in (0.3, 0.6)]
    for frame in (*between, begun()[1]):
        painted = frame.floats()
        styles.append(style_of(network, painted, style))
        changes.append(np.abs(painted - source.floats()).mean())
    assert styles == sorted(styles, reverse=True)
    assert changes == sorted(changes)


def test_the_dial_is_as_even_at_its_beginning_as_at_its_end(stylizer, begun, source):
    """A tenth of the strength is about a tenth of the way: the source's own detail fades with the rest."""
    little, whole = (
        np.abs(painted.floats() - source.floats()).mean()
        for painted in (stylizer(strength=0.1).start(source), begun()[1])
    )
    assert 0.03 * whole < little < 0.2 * whole


def test_colors_are_kept_on_request(stylizer, begun, source):
    painted = stylizer(keep_colors=True).start(source).floats()
    free = begun()[1].floats()

    def chroma(pixels):
        return pixels - (pixels @ np.float32([0.2126, 0.7152, 0.0722]))[..., None]

    kept = np.abs(chroma(painted) - chroma(source.floats())).mean()
    assert kept < 0.25 * np.abs(chroma(free) - chroma(source.floats())).mean()


def test_the_styles_colors_are_matched_to_the_sources_on_request(stylizer, begun, source):
    mean = source.floats().mean((0, 1))
    matched, free = stylizer(keep_colors="match").start(source).floats(), begun()[1].floats()
    assert np.abs(matched.mean((0, 1)) - mean).max() < 0.3 * np.abs(free.mean((0, 1)) - mean).max()


def test_matched_colors_follow_a_pan_within_a_second(stylizer, source):
    """The shot goes from the landscape to a wall of another colour: the wall gets its own colour."""
    painter = stylizer(keep_colors="match")
    painter.start(source)
    wall = Frame(np.full_like(source.pixels, (170, 40, 120)) + strokes(64, 96) // 16)
    lost = Motion.first_of_shot(64, 96)
    errors = []
    for _ in range(24):
        painted = painter.next(wall, Motion(lost.flow_to_previous, lost.trust, cut=False)).floats()
        errors.append(np.abs(painted.mean((0, 1)) - wall.floats().mean((0, 1))).max())
    assert errors[-1] < 0.04


def test_matched_colors_go_on_from_a_state_bit_for_bit(stylizer, source):
    one, other = (stylizer(keep_colors="match", first_steps=(4, 4)) for _ in range(2))
    one.start(source)
    other.restore({name: array.copy() for name, array in one.state().items()})
    darker = Frame((source.floats() * 0.8).astype(np.float32))
    assert np.array_equal(one.next(darker, still(darker)).pixels, other.next(darker, still(darker)).pixels)


def test_styles_mix_by_weight(stylizer, source):
    warm = StylePicture(np.full((64, 64, 3), (220, 90, 30), np.uint8), 3.0)
    cold = StylePicture(np.full((64, 64, 3), (30, 90, 220), np.uint8), 1.0)
    painted = stylizer(warm, cold, content_weight=0.0).start(source).floats()
    red, _, blue = painted.mean((0, 1))
    assert red > blue


def test_a_bigger_style_gives_bigger_strokes(stylizer, source):
    """Strokes twice as high change half as fast from pixel to pixel."""

    def busyness(style_size):
        painted = stylizer(style_size=style_size, content_weight=0.0).start(source).floats()
        return np.abs(np.diff(painted, axis=1)).mean()

    assert busyness(3.0) < 0.8 * busyness(0.75)


@pytest.mark.parametrize("overrides", [{"solver": "lbfgs"}, {"style_loss": "gram"}])
def test_other_solvers_and_statistics_reach_the_style_too(network, stylizer, source, style, overrides):
    painter = stylizer(**overrides)
    painted = painter.start(source)
    assert style_of(network, painted.floats(), style) < 0.6 * style_of(network, source.floats(), style)
    second = painter.next(source, still(source)).floats()
    assert np.abs(second - painted.floats()).mean() < 0.03


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_flat_style_or_a_flat_source_gives_a_picture(stylizer, source, shade):
    flat = np.full((48, 48, 3), shade, np.uint8)
    for painter, frame in (
        (stylizer(StylePicture(flat), first_steps=(4, 4)), source),
        (stylizer(first_steps=(4, 4)), Frame(flat)),
        (stylizer(StylePicture(flat), first_steps=(4, 4)), Frame(flat)),
    ):
        for painted in (painter.start(frame), painter.next(frame, still(frame))):
            assert np.isfinite(painted.pixels).all()
            assert painted.pixels.min() >= 0
            assert painted.pixels.max() <= 1


@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (35, 120)])
def test_small_and_odd_sizes_are_painted(stylizer, shape):
    frame = Frame(np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8))
    painter = stylizer(first_steps=(4, 4))
    painter.start(frame)
    assert painter.next(frame, still(frame)).pixels.shape == (*shape, 3)


def test_the_same_seed_gives_the_same_pixels(stylizer, source):
    runs = []
    for _ in range(2):
        painter = stylizer(first_steps=(4, 4))
        painter.start(source)
        runs.append(painter.next(*panned(source, 3)).pixels)
    assert np.array_equal(*runs)


def test_a_stylizer_goes_on_from_another_ones_state_bit_for_bit(stylizer, source):
    one, other = (stylizer(first_steps=(4, 4)) for _ in range(2))
    one.start(source)
    middle, motion = panned(source, 2)
    one.next(middle, motion)
    other.restore({name: array.copy() for name, array in one.state().items()})
    last, motion = panned(middle, 2)
    assert np.array_equal(one.next(last, motion).pixels, other.next(last, motion).pixels)


def test_half_precision_paints_nearly_the_same_picture(style, quick, source):
    import torch

    painted = {}
    for dtype in (torch.float32, torch.bfloat16, *([torch.int8] if works_here() else [])):
        network = load_features("builtin", dtype=dtype)
        painter = OptimisingStylizer([style], quick(), network)
        painted[dtype] = style_of(load_features("builtin"), painter.start(source).floats(), style)
    assert painted.pop(torch.bfloat16) < 1.5 * painted[torch.float32]
    assert max(painted.values()) < 1.1 * painted[torch.float32]


def test_tall_pictures_get_a_tap_for_each_doubling(network):
    assert Octaves(network, 270).added == 0
    assert Octaves(network, 720).added == 1
    assert Octaves(network, 1440).added == 2
    tall = Octaves(network, 720)
    taps = tall(tensor_of(np.zeros((112, 176, 3), np.uint8), network.device))
    assert len(taps) == len(tall.strides) == 6
    assert taps[-1].shape[-2:] == (128 // 32, 192 // 32)  # with the margin


def test_borders_are_painted_like_the_rest(stylizer, source):
    """Zero padding shows as a frame of dots or lines that differ from what lies next to them."""
    painted = stylizer(first_steps=(40, 40)).start(source).floats()
    across = np.abs(np.diff(painted, axis=1)).mean((0, 2))
    edge, inside = across[[0, -1]].mean(), np.median(across[8:-8])
    assert edge < 2.0 * inside
