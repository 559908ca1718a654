"""A batch from its manifest to its outputs: failures in the middle, stops, and what the next run does."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cheap_painters
import numpy as np
import pytest
from small_media import frames_of, manifest, pixels_of, write_clip

from vidstyle.batch import Batch, End, FaultsFound, InProcess, Prospect, Status, prepare
from vidstyle.batch import done as done_module
from vidstyle.batch.painters import KEPT, KeptPainters
from vidstyle.pipeline import Finished, FrameDone, SegmentClosed
from vidstyle.pipeline.footage import Footage
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

THREE = """
[defaults]
styles = "style.png"
[[jobs]]
input = "clip.mp4"
output = "a.mp4"
[[jobs]]
input = "other.mp4"
output = "b.mp4"
[[jobs]]
input = "other.mp4"
output = "c.mp4"
start = 0.04
"""


@pytest.fixture
def three(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A manifest of three jobs, painted by a painter whose weights are called "www..."."""
    monkeypatch.setattr(done_module, "_weights", lambda settings: "w" * 64)
    return manifest(folder, THREE)


def batch(prospects: list[Prospect], *, keep_going: bool = False) -> Batch:
    return Batch(prospects, InProcess(1, cheap_painters.plain()), keep_going=keep_going)


def ends(of: Batch) -> list[End]:
    return [outcome.end for outcome in of.outcomes.values()]


def damage(path: Path) -> None:
    """Cut a clip short after it has been checked: its first bytes are those of a video still."""
    path.write_bytes(path.read_bytes()[:200])


def test_every_job_is_done_and_counted(three: Path) -> None:
    running = batch(prepare(three))
    list(running.run())
    assert ends(running) == [End.DONE] * 3
    assert [outcome.painted for outcome in running.outcomes.values()] == [6, 4, 3]
    assert [frames_of(Path(name)) for name in ("a.mp4", "b.mp4", "c.mp4")] == [6, 4, 3]
    assert all(outcome.seconds > 0 and outcome.attempts == 1 for outcome in running.outcomes.values())


def test_a_failure_in_the_middle_ends_the_batch(three: Path) -> None:
    prospects = prepare(three)
    damage(Path("other.mp4"))
    running = batch(prospects)
    list(running.run())
    assert ends(running) == [End.DONE, End.FAILED, End.STOPPED]
    assert not Path("c.mp4").exists()


def test_a_failure_in_the_middle_does_not_end_a_batch_that_keeps_going(three: Path, media: Path) -> None:
    text = THREE.replace('input = "other.mp4"\noutput = "b', 'input = "broken.mp4"\noutput = "b')
    Path("broken.mp4").write_bytes((media / "other.mp4").read_bytes())
    prospects = prepare(manifest(Path.cwd(), text))
    damage(Path("broken.mp4"))
    running = batch(prospects, keep_going=True)
    list(running.run())
    assert ends(running) == [End.DONE, End.FAILED, End.DONE]
    (failed,) = running.failed
    assert failed.prospect.line == 7 and "broken.mp4" in str(failed.error)


def test_what_is_done_is_not_done_again(three: Path) -> None:
    list(batch(prepare(three)).run())
    before = Path("a.mp4").stat().st_mtime_ns
    again = prepare(three)
    assert [prospect.status for prospect in again] == [Status.DONE] * 3
    assert list(batch(again).run()) == []
    assert Path("a.mp4").stat().st_mtime_ns == before


def test_numbered_pictures_that_are_done_are_not_done_again(three: Path) -> None:
    numbered = THREE.replace("b.mp4", "b_%02d.png")
    manifest(Path.cwd(), numbered)
    list(batch(prepare(three)).run())
    assert [prospect.status for prospect in prepare(three)] == [Status.DONE] * 3
    manifest(
        Path.cwd(), THREE.replace("b.mp4", "b_%02d.png").replace("[defaults]", "[defaults]\nstrength = 0.5")
    )
    assert [each.status for each in prepare(three, skip_existing=True)] == [Status.SKIPPED] * 3


def test_another_file_of_that_name_is_not_taken_for_done(three: Path, media: Path) -> None:
    list(batch(prepare(three)).run())
    Path("a.mp4").write_bytes((media / "clip.mp4").read_bytes())
    with pytest.raises(FaultsFound, match="exists already"):
        prepare(three)
    skipping = prepare(three, skip_existing=True)
    assert [prospect.status for prospect in skipping] == [Status.SKIPPED] * 3


@pytest.mark.parametrize(
    "change",
    [
        "[defaults]\nstrength = 0.5",
        "[defaults]\ncrf = 30",
        "[defaults]\nsize = 80",
        "[defaults]\nseed = 3",
        "[defaults]\ncompare = 'split'",
    ],
)
def test_an_output_of_other_settings_is_not_taken_for_done(three: Path, change: str) -> None:
    list(batch(prepare(three)).run())
    with pytest.raises(FaultsFound) as caught:
        prepare(manifest(Path.cwd(), THREE.replace("[defaults]", change)))
    assert [error.what for error in caught.value.errors] == ["exists already"] * 3


def test_an_output_of_another_source_or_style_is_not_taken_for_done(three: Path, media: Path) -> None:
    list(batch(prepare(three)).run())
    Path("clip.mp4").write_bytes((media / "other.mp4").read_bytes())
    with pytest.raises(FaultsFound) as caught:
        prepare(three)
    assert [error.where for error in caught.value.errors] == ["jobs.toml:4: a.mp4"]


def test_under_a_budget_other_steps_and_sizes_are_the_same_job(three: Path) -> None:
    list(batch(prepare(manifest(Path.cwd(), THREE.replace("[defaults]", "[defaults]\nsteps = 1")))).run())
    manifest(Path.cwd(), THREE)
    assert [prospect.status for prospect in prepare(three, budgeted=True)] == [Status.DONE] * 3
    with pytest.raises(FaultsFound):
        prepare(three)


def test_a_batch_that_was_stopped_goes_on_where_it_was(three: Path, folder: Path) -> None:
    prospects = prepare(three)
    with closing(batch(prospects).run()) as reports:
        next(report for report in reports if isinstance(report.event, SegmentClosed))
    (resumed, *rest) = prepare(three)
    assert (resumed.status, resumed.kept) == (Status.RESUMED, 3)
    assert [prospect.status for prospect in rest] == [Status.TO_DO] * 2
    going_on = batch(prepare(three))
    list(going_on.run())
    assert [outcome.painted for outcome in going_on.outcomes.values()] == [3, 4, 3]
    stopped = pixels_of(Path("a.mp4"))
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        Path(name).unlink()
    list(batch(prepare(three)).run())
    assert pixels_of(Path("a.mp4")) == stopped


def test_what_a_budget_began_goes_on_with_the_steps_it_chose(three: Path) -> None:
    begun = prepare(manifest(Path.cwd(), THREE.replace("[defaults]", "[defaults]\nsteps = 1\nsize = 48")))
    with closing(batch(begun).run()) as reports:
        next(report for report in reports if isinstance(report.event, SegmentClosed))
    resumed = prepare(manifest(Path.cwd(), THREE), budgeted=True)[0]
    assert resumed.status is Status.RESUMED
    assert (resumed.job.settings.steps, resumed.size) == (1, (36, 48))
    with pytest.raises(FaultsFound, match="steps"):
        prepare(three)


def test_patterns_pass_over_what_the_batch_made(three: Path) -> None:
    text = """
    [[jobs]]
    input = "*.mp4"
    styles = "style.png"
    output = "{stem}-{index}-painted.mp4"
    """
    path = manifest(Path.cwd(), text)
    list(batch(prepare(path)).run())
    again = prepare(path)
    assert [prospect.job.source.name for prospect in again] == ["clip.mp4", "other.mp4"]
    assert [prospect.status for prospect in again] == [Status.DONE] * 2


def test_frames_are_told_as_they_are_painted(three: Path) -> None:
    with closing(batch(prepare(three)).run()) as reports:
        first = next(report for report in reports if isinstance(report.event, (FrameDone, Finished)))
    assert first.task == 0 and isinstance(first.event, FrameDone)


def style(seed: int) -> list[StylePicture]:
    return [StylePicture(np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8))]


def test_a_painter_is_kept_for_the_same_style_and_forgets_the_job_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    def making(styles: list[StylePicture], settings: Settings, footage: Footage | None) -> object:
        made.append(settings.seed)
        return cheap_painters.plain()(styles, settings, footage)

    monkeypatch.setattr("vidstyle.batch.painters.painter_for", making)
    painters = KeptPainters()
    one, two = Settings(seed=1), Settings(seed=2)
    assert painters(style(1), one) is painters(style(1), one)
    assert painters(style(1), two) is not painters(style(1), one)
    assert painters(style(2), one) is not painters(style(1), one)
    assert made == [1, 2, 1]
    for number in range(KEPT):
        painters(style(1), Settings(seed=10 + number))
    painters(style(1), one)
    assert made[-1] == 1, "the oldest make room, so that memory stays bounded"


def test_painters_are_kept_apart_by_the_footage_that_they_practise_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidstyle.batch.painters.painter_for", cheap_painters.plain())
    clips = [write_clip(tmp_path / name, (frames,)) for name, frames in (("a.mp4", 2), ("b.mp4", 3))]
    one, other = (Footage(path, (48, 64)) for path in clips)
    painters, settings = KeptPainters(), Settings.preset("live")
    first = painters(style(1), settings, one)
    assert painters(style(1), settings, other) is not first
    assert painters(style(1), settings) is not first
    assert painters(style(1), settings, one) is first
    clips[1].replace(clips[0])  # another film under the same name
    assert painters(style(1), settings, one) is not first
