"""The script that makes TEMPORAL.md, on a few tiny frames: rows that add up, and rows kept."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import clip_rows
import cv2
import numpy as np
import pytest
import scene
import scene_rows
import temporal
import tried_rows
from commands import hasty, one_thread  # noqa: F401
from row_cache import Rows, code_of, key

from vidstyle.features import load_features
from vidstyle.frames import Frame
from vidstyle.media import Encoding, VideoShape, VideoWriter, write_picture
from vidstyle.quality import FrameScores, Report
from vidstyle.quality.report import ShotReport

pytestmark = pytest.mark.usefixtures("hasty")

HEIGHT, WIDTH = 48, 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with moving.mp4 and style.png."""
    made = tmp_path_factory.mktemp("temporal")
    small = np.random.default_rng(0).integers(0, 256, (HEIGHT // 8, 3 * WIDTH // 16, 3), dtype=np.uint8)
    wide = np.asarray(cv2.resize(small, (3 * WIDTH // 2, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
    with VideoWriter(made / "moving.mp4", VideoShape(WIDTH, HEIGHT), Encoding(crf=12)) as writer:
        for t in range(4):
            writer.add(Frame(wide[:, 3 * t : 3 * t + WIDTH].copy(), t, Fraction(1, 25), t))
    write_picture(made / "style.png", np.random.default_rng(1).integers(0, 99, (48, 64, 3), dtype=np.uint8))
    return made


def arguments(folder: Path, *more: str) -> list[str]:
    quick = ["--style", str(folder / "style.png"), "--quality", "draft", "--device", "cpu", "--pairs", "1"]
    places = ["--cache", str(folder / "cache"), "--output", str(folder / "TEMPORAL.md")]
    return [*quick, *places, "--frames", "2", "--width", "64", "--alone-every", "1", *more]


def table(text: str, heading: str) -> list[list[str]]:
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])]


def test_both_tables_are_written_and_made_again_from_what_was_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments(folder, "--clip", str(folder / "moving.mp4"), "--scene", "garden")
    given += ["--scene-frames", "2", "--reference-steps", "3", "--parts", "clips,scenes"]
    notes = folder / "TEMPORAL.md"
    notes.write_text("# Temporal quality\n\n## Notes\n\nby hand\n")
    temporal.main(given)
    text = notes.read_text()
    clips, scenes = table(text, "Clips"), table(text, "Scenes")
    assert [row[0] for row in clips] == ["clip", "harbour", "moving"]
    assert all(len(row) == len(temporal.CLIP_COLUMNS) for row in clips)
    assert [row[0] for row in scenes] == ["scene", "garden"]
    assert "by hand" in text
    assert float(clips[2][3]) > 0 and float(clips[2][5]) > 0
    assert "frame 2 of 2" in capsys.readouterr().err

    temporal.main(given)
    assert notes.read_text() == text
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3 and all("from " in line for line in said)


def test_flow_is_judged_as_it_is_found_and_as_it_is_mended(folder: Path) -> None:
    temporal.main(arguments(folder, "--parts", "flow", "--flow-pairs", "1"))
    header, *rows = table((folder / "TEMPORAL.md").read_text(), "Flow")
    assert [row[:2] for row in rows] == [
        [where, flow] for where in ("harbour", "windmill", "five scenes") for flow in ("as found", "mended")
    ]
    trusted = header.index("trusted of what stayed in sight")
    for found, better in zip(rows[::2], rows[1::2], strict=True):
        assert float(better[trusted]) > float(found[trusted])


def test_what_was_tried_is_painted_with_one_thing_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("as it is", "trusted pixels stand", "flow not mended", "very fast ripening (1 step)")
    monkeypatch.setattr(tried_rows, "TRIED", {name: tried_rows.TRIED[name] for name in names})
    ripening = tried_rows.optimiser.RIPENING
    monkeypatch.setattr(clip_rows, "SAMPLE", folder / "moving.mp4")
    small = ("--tried-frames", "3", "--tried-clips", "1", "--tried-width", "64")
    temporal.main(arguments(folder, "--parts", "tried", *small))
    rows = table((folder / "TEMPORAL.md").read_text(), "What was tried")
    assert [row[1] for row in rows] == ["what is other", *names]
    assert len({row[2] for row in rows[1:]}) > 1  # the changes change something
    assert ripening == tried_rows.optimiser.RIPENING


@pytest.mark.parametrize("name", tried_rows.TRIED)
def test_what_is_changed_is_there_to_be_changed(name: str) -> None:
    with tried_rows.changed(tried_rows.TRIED[name]):
        pass


def test_a_row_that_was_stopped_keeps_its_render(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = arguments(folder, "--parts", "clips", "--cache", str(folder / "stopped"))
    temporal.main(given)
    for row in (folder / "stopped").glob("row-*.json"):
        row.unlink()
    capsys.readouterr()
    temporal.main(given)
    assert "frame 1 of 2" not in capsys.readouterr().err


def test_a_row_is_kept_for_its_identity_alone(tmp_path: Path) -> None:
    rows, made = Rows(tmp_path / "new"), []

    def make() -> dict[str, int]:
        made.append(1)
        return {"number": len(made)}

    assert [rows.row({"a": 1}, make)["number"] for _ in range(2)] == [1, 1]
    assert rows.row({"a": 2}, make) == {"number": 2}
    kept = json.loads((tmp_path / "new" / f"row-{key({'a': 1})}.json").read_text())
    assert kept == {"identity": {"a": 1}, "row": {"number": 1}}


def test_other_code_has_another_name(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("one = 1\n")
    before = code_of(("quality",), script)
    script.write_text("one = 2\n")
    assert code_of(("quality",), script) == before  # a run that is under way goes on with what it loaded
    code_of.cache_clear()
    assert code_of(("quality",), script) != before


def report_of(*lengths: int) -> Report:
    shots = [number for number, length in enumerate(lengths) for _ in range(length)]
    frames = tuple(FrameScores(index, shot) for index, shot in enumerate(shots))
    parts = [[frame for frame in frames if frame.shot == number] for number in range(len(lengths))]
    return Report("test", "0" * 64, frames, tuple(ShotReport.of(part) for part in parts))


def test_frames_are_picked_where_their_shot_leaves_room_for_the_gaps() -> None:
    assert clip_rows.picks(report_of(3), 1) == {2: (1,)}
    assert clip_rows.picks(report_of(1, 1), 1) == {}
    chosen = clip_rows.picks(report_of(14, 4, 13), 3)
    assert all(gaps == (1, 10) for gaps in chosen.values())
    assert set(chosen) <= {10, 11, 12, 13, 28, 29, 30}
    assert len(chosen) == 3


@pytest.mark.parametrize(
    ("value", "shown"), [(0.00012, "1.2e-04"), (0.0, "0"), (1.2345, "1.23"), (float("nan"), "-"), (None, "-")]
)
def test_figures_are_short(value: float | None, shown: str) -> None:
    assert temporal.cell(value) == shown


def test_the_sample_clip_at_its_own_size_has_its_exact_motion(folder: Path) -> None:
    settings = temporal.Settings.preset("draft")
    run = clip_rows.ClipRun(clip_rows.SAMPLE, folder / "style.png", 2, scene.SIZE[1], settings)
    assert run.exact
    (first, begins), (second, motion) = clip_rows.moving(run)
    assert begins.cut and not motion.cut
    flow, visible = scene.flow_to_previous(1)
    np.testing.assert_array_equal(motion.flow_to_previous, flow)
    np.testing.assert_array_equal(motion.trust > 0, visible)
    floor = clip_rows.warping_error(second.floats(), first.floats(), motion)
    assert floor < 0.25 * np.square(second.floats() - first.floats()).mean()
    for other in (
        clip_rows.ClipRun(clip_rows.SAMPLE, folder / "style.png", 2, 64, settings),
        clip_rows.ClipRun(folder / "moving.mp4", folder / "style.png", 2, scene.SIZE[1], settings),
    ):
        assert not other.exact


def test_the_reference_stops_at_our_style(folder: Path) -> None:
    network, most = load_features("builtin"), 2 * scene_rows.CHECK
    run = scene_rows.SceneRun("garden", folder / "style.png", 2, temporal.Settings.preset("draft"), most)
    whole = [scene_rows.SCENES["garden"]().frame(index) for index in range(2)]
    frames = [frame.with_pixels(frame.pixels[40:88, 100:164]) for frame in whole]
    style = scene_rows.read_picture(run.style)
    scores = scene_rows.Scores(network, style, frames[0].height, 1.0)
    untouched = [scores.style(frame) for frame in frames]

    def paint(share: float) -> scene_rows.Painted:
        goals = [share * value for value in untouched]
        return scene_rows.paint_reference(run, frames, style, network, scores, goals)

    easy, never = paint(0.99), paint(0.0)
    assert easy.steps == [scene_rows.CHECK, scene_rows.CHECK]
    assert never.steps == [most, most]
    assert len(never.pictures) == len(never.seconds) == 2
    assert all(a.pixels is not b.pixels for a, b in zip(easy.pictures, never.pictures, strict=True))
    assert scores.style(never.pictures[1]) < untouched[1]
