"""How steady the results are: the tables of TEMPORAL.md.

    python benchmarks/temporal.py [--vgg FILE] [--clip FILE ...] [--parts flow,slip,tried,clips,scenes]

`flow` judges flow and trust by the exact flow, and `slip` how far strokes slip along it; they paint
nothing. `tried` changes the painter in one thing at a time, on a few frames. `clips` renders the sample
clip, and those given, in three styles at standard quality and measures the files. `scenes` paints five
scenes of exact flow (benchmarks/scenes) by our method and by the plain one of 2016, to the same style
score where it gets there. Each painted row is kept in --cache by all that it depends on, code included: a
run that is stopped goes on from there. VGG-19 judges with --vgg (its weights, at least up to conv3_2), the
built-in network without.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "samples"), str(ROOT / "benchmarks")]  # `scene` lies in the first

import clip_rows  # noqa: E402
import flow_rows  # noqa: E402
import scene_rows  # noqa: E402
import slip_rows  # noqa: E402
import tried_rows  # noqa: E402
from machine import machine, write_section  # noqa: E402
from row_cache import Rows  # noqa: E402
from scenes import SCENES  # noqa: E402

from vidstyle.features import FeatureNetwork, load_features  # noqa: E402
from vidstyle.features.vgg import SCORING, load_vgg19  # noqa: E402
from vidstyle.settings import Settings  # noqa: E402

STYLES = tuple(ROOT / "samples" / "styles" / f"{name}.jpg" for name in ("swirls", "ink", "mosaic"))

CLIP_COLUMNS = {
    "clip": "clip",
    "style": "style",
    "flow": "flow",
    "warping": "short-term error",
    "over_floor": "× the source's",
    "sharp_over_floor": "same by a sharp warp",
    "found_over_floor": "by the flow as found",
    "times_below_alone_1": "× below frame by frame",
    "long_term": "10 frames back",
    "long_over_floor": "× the source's",
    "times_below_alone_10": "× below frame by frame",
    "revealed": "revealed, over alone",
    "ghost": "ghost",
    "style_distance": "style",
    "drift": "style, last over first",
    "last_over_alone": "last, over alone",
    "sharpness_drift": "sharpness, end over start",
}
TRIED_COLUMNS = {
    "clip": "clip",
    "name": "what is other",
    "over_floor": "short-term error, × the source's",
    "sharp_over_floor": "same by a sharp warp",
    "drift": "style, last over first",
    "beside_alone": "last, over alone",
    "revealed": "revealed, over alone",
    "sharpness": "sharpness, last over first",
    "ghost": "ghost",
}
SCENE_COLUMNS = {
    "scene": "scene",
    "about": "what is hard",
    "style": "style picture",
    **{f"ruder {who}": f"Ruder: {who}" for who in ("source", "ours", "2016")},
    **{f"lai {who}": f"Lai: {who}" for who in ("source", "ours", "2016")},
    **{f"style {who}": f"style: {who}" for who in ("ours", "2016")},
    **{f"content {who}": f"content: {who}" for who in ("ours", "2016")},
    **{f"first {who}": f"first frame, s: {who}" for who in ("ours", "2016")},
    **{f"later {who}": f"s a later frame: {who}" for who in ("ours", "2016")},
    "reference_steps": "2016's steps a frame",
}


def flow_part(options: argparse.Namespace) -> str:
    return (
        f"{options.flow_pairs} pairs of frames of each shot of the sample clip and as many of the five "
        "scenes, by their exact flow. Strokes go on where flow is trusted by a half and more.\n\n"
        + markdown(flow_rows.COLUMNS, flow_rows.rows(options.flow_pairs))
    )


def slip_part(options: argparse.Namespace) -> str:
    return (
        f"{options.slip_frames} frames of each shot of the sample clip, flow mended: how far strokes slip "
        f"over {slip_rows.GAP} frames, by the exact flow, where they were held all the way.\n\n"
        + markdown(slip_rows.COLUMNS, slip_rows.rows(options.slip_frames))
    )


def clips_part(options: argparse.Namespace, judge: FeatureNetwork) -> str:
    settings = Settings.preset(options.quality, device=options.device)
    rows = []
    for clip in options.clip:
        for style in options.style:
            run = clip_rows.ClipRun(
                clip,
                style,
                options.frames,
                options.width,
                settings,
                options.pairs,
                options.alone_every,
                options.every,
            )
            measured = partial(clip_rows.measure, run, options.cache, judge)
            rows.append(Rows(options.cache).row(run.identity(judge), measured))
    sizes = ", ".join(sorted({f"{row['clip']} {row['frames']} frames of {row['size']}" for row in rows}))
    return (
        f"On {machine()}: {options.quality} quality, encoded as by default ({sizes}); judged by "
        f"{rows[0]['judge']}. *Frame by frame* is our own painter without a memory, at the same quality, on "
        f"{options.pairs} frames and those before them. *Revealed* compares with the same areas of the frame "
        "painted alone, 1 is ideal; *ghost* is the opacity of what has gone, 0 is ideal. "
        "*Flow* is exact for the sample clip at its own size, else DIS with the trust mask. Exact flow "
        "charges the painter for the errors of the flow that it follows; *by the flow as found* "
        "does not, and is the same column for the other clips.\n\n" + markdown(CLIP_COLUMNS, rows)
    )


def tried_part(options: argparse.Namespace, judge: FeatureNetwork) -> str:
    settings = Settings.preset(options.quality, device=options.device)
    rows = []
    for clip in options.clip[: options.tried_clips]:
        for name in tried_rows.TRIED:
            run = tried_rows.Try(
                name,
                clip,
                options.style[1 % len(options.style)],
                options.tried_frames,
                options.tried_width,
                settings,
            )
            measured = partial(tried_rows.measure, run, judge)
            rows.append(Rows(options.cache).row(run.identity(judge), measured))
    return (
        f"{rows[0]['frames']} frames at {options.tried_width} px wide in {rows[0]['style']}, "
        f"{options.quality} quality, not encoded, flow as found, judged by {rows[0]['judge']}. "
        "Each row is the painter with one thing changed. *Over alone* is the style of the last "
        "frame over that of the same frame painted alone: a source may drift by itself.\n\n"
        + markdown(TRIED_COLUMNS, rows)
    )


def scenes_part(options: argparse.Namespace, judge: FeatureNetwork, network: FeatureNetwork) -> str:
    settings = Settings.preset(options.quality, device=options.device)
    rows = []
    for name in options.scene:
        for style in options.style[: options.scene_styles]:
            run = scene_rows.SceneRun(name, style, options.scene_frames, settings, options.reference_steps)
            measured = partial(scene_rows.measure, run, judge, network)
            rows.append(Rows(options.cache).row(run.identity(judge), measured))
    return (
        f"On {machine()}: 320x136, {rows[0]['frames']} frames, {options.quality} quality, judged by "
        f"{rows[0]['judge']}. *Ruder* is the mean square where nothing was covered, by the exact flow; "
        "*Lai* that where the flow found on the source is trusted. The method of 2016 "
        f"(benchmarks/reference_2016.py, {network.name}, L-BFGS) stops at a frame when its style is as near "
        f"as ours, looked at every {scene_rows.CHECK} steps, after at most {options.reference_steps}.\n\n"
        + markdown(SCENE_COLUMNS, rows)
    )


def markdown(columns: dict[str, str], rows: Iterable[dict[str, Any]]) -> str:
    lines = [f"| {' | '.join(columns.values())} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join(cell(row.get(name)) for name in columns)} |" for row in rows]
    return "\n".join(lines)


def cell(value: object) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            return "-"
        return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.3g}"
    return "-" if value is None else str(value)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="flow,slip,tried,clips,scenes")
    parser.add_argument("--flow-pairs", type=int, default=10)
    parser.add_argument("--slip-frames", type=int, default=24)
    parser.add_argument("--clip", type=Path, nargs="*", default=[], help="clips beside the sample clip")
    parser.add_argument("--style", type=Path, nargs="+", default=list(STYLES))
    parser.add_argument("--scene", nargs="+", default=list(SCENES), choices=list(SCENES))
    parser.add_argument("--frames", type=int, default=60, help="of each clip")
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--pairs", type=int, default=2, help="frames that are also stylized alone")
    parser.add_argument("--alone-every", type=int, default=20, help="revealed areas, every so many frames")
    parser.add_argument(
        "--every", type=int, default=3, help="style and long-term errors, every so many frames"
    )
    parser.add_argument("--tried-frames", type=int, default=9)
    parser.add_argument("--tried-width", type=int, default=320)
    parser.add_argument(
        "--tried-clips", type=int, default=2, help="how many of the clips the changes are tried on"
    )
    parser.add_argument("--scene-frames", type=int, default=5)
    parser.add_argument("--scene-styles", type=int, default=1, help="how many of the styles the scenes take")
    parser.add_argument("--reference-steps", type=int, default=300)
    parser.add_argument("--vgg", "--weights", dest="weights", type=Path, help="VGG-19's weights")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--cache", type=Path, default=ROOT / "stylized-temporal")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "TEMPORAL.md")
    options = parser.parse_args(given)
    options.clip.insert(0, clip_rows.SAMPLE)
    return options


def networks(options: argparse.Namespace) -> tuple[FeatureNetwork, FeatureNetwork]:
    """Who judges, and what the method of 2016 paints with."""
    from vidstyle.pipeline.device import choose_device

    device = choose_device(options.device)
    if options.weights is None:
        network = load_features("builtin", None, device)
        return network, network
    judge = load_vgg19(options.weights, device, torch.float32, plan=SCORING)
    return judge, load_vgg19(options.weights, device, torch.float32)


def main(given: Sequence[str] | None = None) -> None:
    options = arguments(given)
    judge, network = networks(options)
    if "flow" in options.parts:
        write_section("Flow", flow_part(options), options.output, "Temporal quality")
    if "slip" in options.parts:
        write_section("Slip", slip_part(options), options.output, "Temporal quality")
    if "tried" in options.parts:
        write_section("What was tried", tried_part(options, judge), options.output, "Temporal quality")
    if "clips" in options.parts:
        write_section("Clips", clips_part(options, judge), options.output, "Temporal quality")
    if "scenes" in options.parts:
        write_section("Scenes", scenes_part(options, judge, network), options.output, "Temporal quality")


if __name__ == "__main__":
    main()
