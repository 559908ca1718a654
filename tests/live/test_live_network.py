"""The live network: what a style becomes, what a frame becomes, and the files that hold it."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save
from scene import CUT

from vidstyle.errors import WeightsError
from vidstyle.features import load_features
from vidstyle.features.eight_bits import works_here
from vidstyle.frames import Frame
from vidstyle.live import lesson as lesson_module
from vidstyle.live import running
from vidstyle.live.crops import Crops, crop_of
from vidstyle.live.leaves import dead_leaves
from vidstyle.live.lesson import Goal, lesson, moments
from vidstyle.live.model import read_model, write_model
from vidstyle.live.movement import Movement, draw_movement, moved_to
from vidstyle.live.network import DEEP, DESCRIPTION, LiveNetwork, _place_by_place, folded, paint, unfolded
from vidstyle.live.painter import load_live
from vidstyle.live.style import described, learned
from vidstyle.live.stylizer import LiveStylizer
from vidstyle.media import read, read_picture
from vidstyle.motion import quick_motion
from vidstyle.quality.style import style_distance, style_moments, taps_of
from vidstyle.settings import Settings
from vidstyle.synthesis import statistics
from vidstyle.synthesis.colors import Colors, palette_map, pixel_moments
from vidstyle.synthesis.losses import content_distance
from vidstyle.synthesis.losses import style_distance as distance_of_statistics
from vidstyle.synthesis.stylizer import StylePicture
from vidstyle.synthesis.targets import style_target

EVERY = running.EVERY  # tests change it
SAMPLES = Path(__file__).parents[2] / "samples"
ASSET = Path(__file__).parents[2] / "vidstyle" / "assets" / "live.safetensors"


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def features():
    return load_features("builtin")


@pytest.fixture(scope="module")
def painter(features):
    return load_live(features, torch.float32)


def tensor(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float()


@pytest.fixture(scope="module")
def styles():
    return {
        name: tensor(read_picture(SAMPLES / "styles" / f"{name}.jpg").floats())
        for name in ("swirls", "ink", "mosaic")
    }


@pytest.fixture(scope="module")
def frames():
    """One frame of each shot of the sample clip, (1, 3, 180, 320)."""
    clip = list(read(SAMPLES / "harbour.mp4", size=(180, 320)))
    return [tensor(clip[index].floats()) for index in (20, CUT + 10)]


def pixels(image):
    return np.ascontiguousarray(image[0].permute(1, 2, 0).numpy())


def learn(painter, picture):
    return painter.learn([picture], [1.0], height=180)


def painted(painter, frame, style):
    return painter.paint(pixels(frame), style, Colors(*pixel_moments(frame)))


@pytest.mark.parametrize(("name", "share"), [("swirls", 0.4), ("ink", 0.4), ("mosaic", 0.65)])
def test_a_painted_frame_is_far_nearer_to_a_style_that_the_network_never_saw(
    name, share, painter, features, styles, frames
):
    style = learn(painter, styles[name])
    small = torch.nn.functional.interpolate(styles[name], (180, 240), mode="area")
    wanted = style_moments([(pixels(small), 1.0)], features)
    for frame in frames:
        bare = style_distance(taps_of(pixels(frame), features), wanted, features)
        result = pixels(painted(painter, frame, style))
        assert style_distance(taps_of(result, features), wanted, features) < share * bare
        assert result.min() >= 0
        assert result.max() <= 1


@pytest.mark.skipif(not works_here(), reason="torch has no products of bytes here")
@pytest.mark.parametrize("name", ["swirls", "ink", "mosaic"])
def test_in_8_bits_it_paints_the_same_picture(name, painter, features, styles, frames):
    in_bytes = load_live(features, torch.int8)
    style = learn(in_bytes, styles[name])
    assert all(layer.in_bytes is not None for layer in style.layers)
    for frame in frames:
        exact = painted(painter, frame, learn(painter, styles[name]))
        assert float((painted(in_bytes, frame, style) - exact).square().mean().sqrt()) < 0.01
        as_bytes = np.rint(pixels(frame) * 255).astype(np.uint8)  # are convolved as they are
        of_bytes = in_bytes.paint(as_bytes, style, Colors(*pixel_moments(frame)))
        assert float((of_bytes - exact).square().mean().sqrt()) < 0.012


@pytest.mark.skipif(not works_here(), reason="torch has no products of bytes here")
@pytest.mark.parametrize("name", ["swirls", "ink", "mosaic"])
def test_what_is_known_of_a_frame_before_paints_nearly_the_same_picture(name, features, styles):
    in_bytes = load_live(features, torch.int8)
    style = learn(in_bytes, styles[name])
    clip = list(read(SAMPLES / "harbour.mp4", size=(180, 320)))
    colors = Colors(*pixel_moments(tensor(clip[10].floats())))

    def painted_knowing(index, known):
        return in_bytes.paint_knowing(clip[index].pixels, style, colors, known)

    def apart(one, other):
        return float((one - other).square().mean().sqrt())

    alone, seen = painted_knowing(10, None)
    same, still = painted_knowing(10, seen)
    assert apart(alone, same) < 0.01
    assert still is seen
    later = painted_knowing(14, None)[0]
    assert apart(painted_knowing(14, seen)[0], later) < 0.25 * apart(later, alone)


def test_borders_are_painted_like_the_rest(painter, styles, frames):
    """A network that sees zeros beyond the border paints a frame around the picture."""
    frame = frames[0]
    style = learn(painter, styles["swirls"])
    whole = painted(painter, frame, style)
    wide = torch.nn.functional.pad(frame, (24, 24, 24, 24), mode="reflect")
    inside = painter.paint(pixels(wide), style, Colors(*pixel_moments(frame)))[..., 24:-24, 24:-24]
    error = (whole - inside).abs().mean(1)[0]
    assert float(error[:4].mean()) < 3 * float(error[60:-60].mean()) + 0.02


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (90, 161)])
def test_any_size_is_painted_whole(size, painter, styles):
    frame = tensor(dead_leaves(*size, np.random.default_rng(0)))
    result = painted(painter, frame, learn(painter, styles["ink"]))
    assert result.shape == frame.shape
    assert bool(torch.isfinite(result).all())


def test_a_flat_frame_and_a_flat_style_are_finite(painter, styles):
    grey = torch.full((1, 3, 48, 64), 0.5)
    for style in (learn(painter, grey), learn(painter, styles["ink"])):
        assert bool(torch.isfinite(painted(painter, grey, style)).all())


def test_a_mixture_goes_from_one_style_to_the_other(painter, styles, frames):
    swirls, ink = learn(painter, styles["swirls"]), learn(painter, styles["ink"])
    ends = [painted(painter, frames[0], style) for style in (swirls, ink)]
    steps = [
        painted(painter, frames[0], painter.mix([swirls, ink], [1 - share, share])) for share in (0, 0.5, 1)
    ]
    assert torch.allclose(steps[0], ends[0], atol=1e-4)
    assert torch.allclose(steps[2], ends[1], atol=1e-4)
    far = float((ends[0] - ends[1]).square().mean())
    assert 0 < float((steps[1] - ends[0]).square().mean()) < far


def test_kernels_are_the_mixture_of_experts_that_the_style_wants():
    torch.manual_seed(0)
    network = LiveNetwork()
    convolution = network.blocks[0]
    experts = len(convolution.kernels)
    wishes = torch.zeros(convolution.wants)
    wishes[:experts] = torch.eye(experts)[0] - 1 / experts
    layer = convolution.layer(wishes)
    assert torch.allclose(layer.kernel, convolution.kernels[0])
    assert torch.equal(layer.scale, torch.ones(DEEP))
    assert torch.equal(layer.shift, torch.zeros(DEEP))


@pytest.fixture(scope="module")
def exercise(features, styles):
    """A network, two styles, and a crop to paint in each."""
    torch.manual_seed(0)
    names = ("ink", "swirls")
    targets = [style_target(features, [styles[name]], [1.0], height=96, style_size=1.0) for name in names]
    leaves = [tensor(dead_leaves(64, 64, np.random.default_rng(seed))) for seed in (0, 1)]
    crops = [crop_of(i, Colors(*pixel_moments(i)), t) for i, t in zip(leaves, targets, strict=True)]
    return LiveNetwork(), targets, crops


def in_a_batch(targets):
    goals = [Goal.of(target) for target in targets]
    parts = ("means", "covariances", "scales")
    return Goal(
        *(tuple(map(torch.cat, zip(*(getattr(g, part) for g in goals), strict=True))) for part in parts)
    )


def test_a_lesson_teaches_every_part_of_the_network(features, exercise):
    network, targets, crops = exercise
    movement = draw_movement(crops[0].images.shape, torch.Generator().manual_seed(0))
    layers = network.kernels(network.encoder(described(targets[0])))
    loss, marks = lesson(features, Goal.of(targets[0]), layers, crops[0], movement, torch.float32)
    loss.backward()
    assert float(marks[0]) > 0 < float(marks[2])
    for name, parameter in network.named_parameters():
        assert float(parameter.grad.abs().sum()) > 0, name
    network.zero_grad()


def test_many_crops_at_once_are_the_same_lessons_as_one_after_the_other(features, exercise, monkeypatch):
    monkeypatch.setattr(lesson_module, "GRAIN", 0.0)
    network, targets, crops = exercise
    both = Crops.joined(crops)
    movement = draw_movement(both.images.shape, torch.Generator().manual_seed(3))
    layers = network.kernels(network.encoder(torch.stack([described(target) for target in targets])))
    loss, marks = lesson(features, in_a_batch(targets), layers, both, movement, torch.float32)
    alone = []
    for number, (target, crop) in enumerate(zip(targets, crops, strict=True)):
        part = slice(number, number + 1)
        own = Movement(movement.places[part], movement.gains[part], movement.noise[part])
        layers = network.kernels(network.encoder(described(target)))
        alone.append(lesson(features, Goal.of(target), layers, crop, own, torch.float32)[1])
    assert torch.allclose(marks[:2], torch.stack(alone)[:, :2].mean(0), rtol=1e-3)
    assert float(marks[2]) == pytest.approx(float(torch.stack(alone)[:, 2].mean()), rel=0.1)
    assert float(loss.detach()) > 0


def test_a_lesson_measures_as_the_optimiser_does(features, exercise, monkeypatch):
    monkeypatch.setattr(lesson_module, "GRAIN", 0.0)
    network, targets, crops = exercise
    target, crop = targets[0], crops[0]
    layers = learned(network, target).layers
    _, marks = lesson(features, Goal.of(target), layers, crop, None, torch.float32)
    with torch.no_grad():
        image = lesson_module.painted(crop, layers, torch.float32).clamp(0, 1)
        mirrored = [torch.nn.functional.pad(i, (8,) * 4, mode="reflect") for i in (image, crop.images)]
        taps, wanted = (features(i) for i in mirrored)
    style = [
        distance_of_statistics(statistics.moments(taps[index]), goal, scale)
        for index, goal, scale in zip(features.style_taps, target.statistics, target.scales, strict=True)
    ]
    content = [content_distance(taps[index], wanted[index]) for index in features.content_taps]
    assert float(marks[0]) == pytest.approx(float(torch.stack(style).mean()), rel=1e-3)
    assert float(marks[1]) == pytest.approx(float(torch.stack(content).mean()), rel=1e-3)
    assert float(marks[2]) == 0


@pytest.mark.parametrize("shade", [0.0, 0.5, 1.0])
def test_a_flat_crop_teaches_no_louder_than_another(shade, features, exercise):
    """Its variance is zero, and in a dozen normalisations its gradient grew a millionfold."""
    network, targets, crops = exercise
    target = targets[0]
    flat = torch.full_like(crops[0].images, shade)
    loudness = []
    for crop in (crops[0], crop_of(flat, Colors(*pixel_moments(flat)), target)):
        layers = network.kernels(network.encoder(described(target)))
        lesson(features, Goal.of(target), layers, crop, None, torch.float32)[0].backward()
        loudness.append(max(float(p.grad.norm()) for p in network.parameters()))
        network.zero_grad()
    assert loudness[1] < 20 * loudness[0]


def test_gradients_of_moments_are_those_of_their_formula():
    torch.manual_seed(0)
    features = torch.randn(2, 5, 4, 6, requires_grad=True)
    weights = torch.randn(2, 5), torch.randn(2, 5, 5)
    flat = features.flatten(2)
    mean = flat.mean(2)
    centred = flat - mean[:, :, None]
    plain = mean, centred @ centred.mT / flat.shape[2]
    gradients = []
    for first, second in (plain, moments(features)):
        loss = (first * weights[0]).sum() + (second * weights[1]).sum()
        gradients.append(torch.autograd.grad(loss, features)[0])
    assert torch.allclose(*gradients, atol=1e-6)


def test_what_moves_is_compared_with_where_it_went():
    """The movement of a picture of coordinates tells where each pixel came from."""
    height, width = 96, 128
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    picture = torch.stack([rows / height, columns / width, rows * 0.0])[None].float().repeat(24, 1, 1, 1)
    movement = draw_movement(picture.shape, torch.Generator().manual_seed(0))
    again, inside = moved_to(movement, picture)
    assert bool((inside.mean((1, 2, 3)) > 0.6).all())
    assert bool((inside.mean((1, 2, 3)) < 1).all())
    shift = ((again - picture)[:, :2] * inside).abs().amax((1, 2, 3))
    assert float(shift.min()) > 0
    assert float(shift.max()) < 0.35
    # Straight ramps stay straight wherever nothing was mirrored.
    bend = again[..., 2:] - 2 * again[..., 1:-1] + again[..., :-2]
    within = inside[..., :-2] * inside[..., 1:-1] * inside[..., 2:]
    assert float((bend * within).abs().max()) < 1e-3
    straight = (again - picture)[:, 0, 40, 60] * height  # pixels
    whole = straight[movement.places[:, 0, 1] == 0]
    assert 6 < len(whole) < 18
    assert torch.allclose(whole, whole.round(), atol=1e-2)


def test_palettes_of_many_pictures_are_mapped_as_those_of_one(frames):
    own = [Colors(*pixel_moments(frame)) for frame in frames]
    wanted = own[::-1]

    def stacked(colors):
        return Colors(torch.stack([c.mean for c in colors]), torch.stack([c.covariance for c in colors]))

    matrices, offsets = palette_map(stacked(own), stacked(wanted))
    for number in range(2):
        matrix, offset = palette_map(own[number], wanted[number])
        assert torch.allclose(matrices[number], matrix)
        assert torch.allclose(offsets[number], offset)


def test_a_model_comes_back_from_its_file_as_it_was(tmp_path, features, styles, frames, painter):
    network, own, marks = read_model(
        Path(load_live.__globals__["files"]("vidstyle").joinpath("assets/live.safetensors"))
    )
    assert own is None
    assert marks == painter.fingerprint
    target = style_target(features, [styles["ink"]], [1.0], height=180, style_size=1.0)
    style = learned(network, target)
    write_model(tmp_path / "own.safetensors", network, style, {"styles": "ink.jpg"})
    again = load_live(features, torch.float32, tmp_path / "own.safetensors")
    assert again.own_style is not None
    expected = painted(painter, frames[0], painter.learn([styles["ink"]], [1.0], height=180))
    assert torch.allclose(painted(again, frames[0], again.own_style), expected, atol=2e-3)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other", "text"])
def test_a_bad_model_is_refused_by_name(damage, tmp_path, features):
    path = tmp_path / "model.safetensors"
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(ASSET.read_bytes()[:-1000])
    elif damage == "other":
        path.write_bytes(ASSET.with_name("features.safetensors").read_bytes())
    elif damage == "text":
        path.write_text("not a model")
    with pytest.raises(WeightsError) as error:
        load_live(features, torch.float32, path)
    assert str(path) in str(error.value)


def test_a_model_of_an_earlier_network_is_told_from_a_damaged_one(tmp_path, features):
    path = tmp_path / "old.safetensors"
    path.write_bytes(save({"enter.bias": torch.zeros(64)}, metadata={"format": "vidstyle-live-1"}))
    with pytest.raises(WeightsError, match="earlier vidstyle") as error:
        load_live(features, torch.float32, path)
    assert "vidstyle train" in str(error.value)


def test_dead_leaves_have_edges_of_all_scales():
    leaves = dead_leaves(128, 160, np.random.default_rng(3))
    assert leaves.shape == (128, 160, 3)
    assert leaves.dtype == np.float32
    assert 0 <= leaves.min() < 0.2
    assert 0.8 < leaves.max() <= 1
    # Natural pictures lose little contrast when they shrink; noise loses half of it at each step.
    contrast = [
        float(cv2.resize(leaves, (160 // n, 128 // n), interpolation=cv2.INTER_AREA).std()) for n in (1, 8)
    ]
    assert contrast[1] > 0.5 * contrast[0]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("taught", [False, True])
def test_channels_go_place_by_place_and_mean_what_they_meant(dtype, taught):
    """The weights know the order of torch's pixel shuffle; pictures move in a faster one."""
    torch.manual_seed(0)
    image = (torch.rand(2, 3, 32, 40) * 255).to(dtype)
    image.requires_grad_(taught and dtype.is_floating_point)
    for by in (2, 4):
        order = _place_by_place(3 * by * by, by)
        assert torch.equal(folded(image, by), torch.nn.functional.pixel_unshuffle(image, by)[:, order])
        assert torch.equal(unfolded(folded(image, by), by), image)


def test_the_description_of_a_style_is_as_long_as_the_encoder_expects(features, styles):
    target = style_target(features, [styles["ink"]], [1.0], height=96, style_size=1.0)
    assert described(target).shape == (DESCRIPTION,)
    layers = LiveNetwork().kernels(torch.zeros(LiveNetwork().encoder.layers[-1].out_features))
    assert paint(folded(torch.zeros(1, 3, 32, 40)), layers).shape == (1, 3, 32, 40)


@pytest.fixture
def live_in_bytes(monkeypatch, features, styles):
    """Paints frames by what is known from one in so many."""
    if not works_here():
        pytest.skip("torch has no products of bytes here")
    painter = load_live(features, torch.int8)
    ink = StylePicture(pixels(styles["ink"]))

    def painted(frames, every):
        monkeypatch.setattr(running, "EVERY", every)
        live = LiveStylizer(painter, [ink], Settings.preset("live"), torch.device("cpu"))
        shown = [live.start(frames[0])]
        shown += [live.next(frame, quick_motion(before, frame)) for before, frame in pairwise(frames)]
        return np.stack([frame.floats() for frame in shown])

    return painted


def test_pictures_grow_no_lighter_and_darker_by_turns_of_being_looked_at(live_in_bytes):
    """A pan through changing light: where each frame is looked at itself their light changes as smoothly."""
    clip = list(read(SAMPLES / "harbour.mp4", size=(180, 320)))[:48]
    known, looked_at = (live_in_bytes(clip, every).mean((1, 2, 3)) for every in (EVERY, 1))
    assert np.abs(known - looked_at).max() < 0.01
    assert np.abs(np.diff(known, 2)).mean() < 1.15 * np.abs(np.diff(looked_at, 2)).mean()


def test_out_of_the_dark_pictures_come_as_they_are_where_each_is_looked_at(live_in_bytes):
    clip = list(read(SAMPLES / "harbour.mp4", size=(90, 160)))[:30]
    light = np.clip((np.arange(30) - 6) / 20, 0, 1).astype(np.float32)
    dawn = [Frame((frame.pixels * share).astype(np.uint8)) for frame, share in zip(clip, light, strict=True)]
    away = live_in_bytes(dawn, EVERY) - live_in_bytes(dawn, 1)
    assert np.sqrt(np.square(away).mean((1, 2, 3))).max() < 0.02
