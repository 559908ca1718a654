from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from blending import job
from clips import make_clip, make_picture

from vidstyle.errors import InputError, OutputError, SettingsError, VidstyleError
from vidstyle.media import Encoding
from vidstyle.pipeline import Job, StyleFile, plan
from vidstyle.schedule import Keyframe, Schedule


@pytest.fixture
def of(clip: Path, style: Path, tmp_path: Path) -> Job:
    return job(clip, style, tmp_path / "out.mp4")


def refused(of: Job, kind: type[VidstyleError]) -> str:
    """The message with which a plan refuses a job; nothing may have been written by then."""
    before = sorted(of.output.absolute().parent.glob("*"))
    with pytest.raises(kind) as error:
        plan(of)
    assert error.value.hint
    assert sorted(of.output.absolute().parent.glob("*")) == before
    return str(error.value)


def test_a_plan_tells_what_will_be_made(of: Job) -> None:
    planned = plan(of)
    assert (planned.frames, planned.size, planned.notices) == (40, (48, 64), ())
    assert planned.styles[0].pixels.shape == (40, 50, 3)
    assert not of.output.parent.joinpath(".out.mp4.vidstyle-state").exists()


def test_an_existing_output_needs_y(of: Job) -> None:
    of.output.write_bytes(b"precious")
    assert "exists already. Add -y" in refused(of, OutputError)
    assert plan(replace(of, overwrite=True)).frames == 40
    assert of.output.read_bytes() == b"precious"


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_output_that_is_the_source_is_refused_by_any_name(
    clip: Path, style: Path, tmp_path: Path, overwrite: bool
) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(clip)
    assert "is the source itself" in refused(job(clip, style, link, overwrite=overwrite), OutputError)


def test_an_output_that_is_a_style_is_refused(style: Path, tmp_path: Path) -> None:
    source = make_picture(tmp_path / "in.png")
    assert "is one of the styles" in refused(job(source, style, style, overwrite=True), OutputError)


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"output": Path("/nowhere/out.mp4")}, OutputError, "its folder does not exist"),
        ({"output": Path("out.xyz")}, OutputError, "xyz"),
        ({"output": Path("out.png")}, OutputError, "is a picture, but the source is a video"),
        ({"output": Path("out.webm"), "encoding": Encoding("h264")}, OutputError, ".webm"),
        ({"source": Path("missing.mp4")}, InputError, "missing.mp4"),
        ({"styles": (StyleFile(Path("missing.png")),)}, InputError, "missing.png"),
        ({"size": 40}, SettingsError, "at least 32"),
        ({"size": (20, 100)}, SettingsError, "at least 32"),
        ({"encoding": Encoding("h265x")}, SettingsError, "h265x"),
        ({"encoding": Encoding(options={"nonsense": "1"})}, SettingsError, "nonsense"),
        ({"start": Fraction(50)}, InputError, "earlier start"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    of: Job,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict,
    kind: type[VidstyleError],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in refused(replace(of, **change), kind)


def test_a_style_that_is_a_video_is_refused(of: Job, clip: Path, tmp_path: Path) -> None:
    other = make_clip(tmp_path / "style.mp4", times=(0, 24), sound=False)
    assert "is a video, not a picture" in refused(replace(of, styles=(StyleFile(other),)), InputError)


def test_a_picture_does_not_become_a_video(style: Path, tmp_path: Path) -> None:
    of = job(make_picture(tmp_path / "in.png"), style, tmp_path / "out.mp4")
    assert "is a video, but the source is a picture" in refused(of, OutputError)


def test_a_stretch_of_a_picture_is_refused(style: Path, tmp_path: Path) -> None:
    of = job(make_picture(tmp_path / "in.png"), style, tmp_path / "out.png", duration=Fraction(1))
    assert "start/duration" in refused(of, SettingsError)


@pytest.mark.parametrize(
    "change",
    [
        {"styles": ()},
        {"styles": (StyleFile(Path("a"), 0),)},
        {"styles": (StyleFile(Path("a"), -1), StyleFile(Path("b"), 2))},
        {"styles": (StyleFile(Path("a"), float("nan")),)},
        {"start": Fraction(-1)},
        {"duration": Fraction(0)},
        {"segment_frames": 0},
    ],
)
def test_a_job_that_means_nothing_cannot_be_made(change: dict) -> None:
    with pytest.raises(SettingsError):
        Job(**{"source": Path("in"), "styles": (StyleFile(Path("s")),), "output": Path("out"), **change})


def test_estimates_follow_the_stretch(of: Job) -> None:
    assert plan(replace(of, duration=Fraction(2, 5))).frames == 10


FADE = Schedule((Keyframe(Fraction(1), strength=0.0), Keyframe(Fraction(100), strength=1.0)))


def test_a_schedule_counts_from_the_sources_own_start_whatever_is_taken_of_it(of: Job) -> None:
    changing = replace(of, settings=replace(of.settings, schedule=FADE), start=Fraction(1, 2))
    planned = plan(changing)
    assert planned.settings.schedule == FADE.since(planned.source.start)
    assert planned.identity["settings"]["schedule"] == FADE.as_list()
    assert any("The schedule goes on to 100 s" in text for text in planned.notices)


def test_a_picture_has_no_time_for_a_schedule(of: Job, tmp_path: Path) -> None:
    source = make_picture(tmp_path / "in.png")
    asked = replace(of, source=source, output=tmp_path / "out.png")
    says = refused(replace(asked, settings=replace(of.settings, schedule=FADE)), SettingsError)
    assert says.startswith("schedule: means nothing for a picture")


@pytest.mark.parametrize(
    ("weights", "shares", "says"),
    [((1.0,), (1, 0), "weighs 2 styles, but there are 1"), ((1.0, 2.0), (1, 0), "are in the schedule too")],
)
def test_a_schedule_weighs_the_styles_that_there_are(
    of: Job, weights: tuple[float, ...], shares: tuple[float, ...], says: str
) -> None:
    schedule = Schedule((Keyframe(Fraction(1), style_weights=shares),))
    styles = tuple(StyleFile(of.styles[0].path, weight) for weight in weights)
    with pytest.raises(SettingsError, match=says):
        replace(of, styles=styles, settings=replace(of.settings, schedule=schedule))
