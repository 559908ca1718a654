"""The command line that the page shows asks for the very job that the page does."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from vidstyle.cli.main import run
from vidstyle.cli.studio.choices import Choices, Upload
from vidstyle.errors import InputError, SettingsError, VidstyleError
from vidstyle.media import Limits
from vidstyle.pipeline import Job, StyleFile

CLIP = Upload(Path("/private/0a1b/clip.mp4"), "clip.mp4")
STYLE = Upload(Path("/private/2c3d/ink.png"), "ink.png")
OIL = Upload(Path("/private/4e5f/oil.jpg"), "oil.jpg")
PLAIN = Choices(CLIP, styles=(STYLE,))


def asked_by(command: str, monkeypatch: pytest.MonkeyPatch) -> Job:
    """The job that `vidstyle stylize` makes of a command line."""
    jobs: list[Job] = []
    monkeypatch.setattr("vidstyle.cli.stylize.rendered", lambda job, shown, trace: jobs.append(job))
    program, *arguments = shlex.split(command)
    assert program == "vidstyle"
    assert run(arguments) == 0
    return jobs[0]


@pytest.mark.parametrize(
    "choices",
    [
        pytest.param(PLAIN, id="all as it comes"),
        pytest.param(replace(PLAIN, quality="draft", strength=0.35, style_size=0.55), id="the dials"),
        pytest.param(replace(PLAIN, styles=(STYLE, OIL), share=0.7, keep_colors=True), id="two styles"),
        pytest.param(replace(PLAIN, begin=1.1, end=2.37, size="320x180"), id="a range, a size"),
        pytest.param(replace(PLAIN, begin=3.0, size="640", seed=-7), id="to the end"),
        pytest.param(replace(PLAIN, content_weight=2.5, style_weight=0.1, temporal_weight=3), id="weights"),
        pytest.param(replace(PLAIN, suffix=".webm", codec="vp9", crf=30), id="the file"),
        pytest.param(replace(PLAIN, quality="live", limits=Limits(max_pixels=10**6)), id="live, limits"),
        pytest.param(
            replace(PLAIN, clip=Upload(CLIP.path, "it's 5 o'clock $HOME.mp4")), id="a name to quote"
        ),
        pytest.param(replace(PLAIN, clip=Upload(CLIP.path, "-y.mp4")), id="a name like an option"),
        pytest.param(Choices(Upload(OIL.path, "my photo.jpg"), True, (STYLE,), begin=2.0), id="a still"),
    ],
)
def test_the_command_line_asks_for_the_same_job(choices: Choices, monkeypatch: pytest.MonkeyPatch) -> None:
    assert choices.clip is not None
    named = asked_by(choices.command(), monkeypatch)

    assert named.source == Path(choices.clip.name)
    assert [style.path.name for style in named.styles] == [upload.name for upload in choices.styles]
    own = choices.job(named.output)
    copies = zip(named.styles, own.styles, strict=True)
    assert own == replace(
        named,
        source=choices.clip.path,
        styles=tuple(StyleFile(copy.path, style.weight) for style, copy in copies),
        overwrite=True,
    )


def test_a_frame_is_tried_in_a_style_practised_on_its_whole_clip() -> None:
    still = Choices(Upload(OIL.path, "my photo.jpg"), True, (STYLE,))
    tried = [choices.job_of_picture(Path("frame.png"), Path("painted.png")) for choices in (PLAIN, still)]
    assert [job.source for job in tried] == [Path("frame.png")] * 2
    assert [job.footage for job in tried] == [CLIP.path, None]


def test_what_is_as_it_comes_is_left_out() -> None:
    assert PLAIN.command() == "vidstyle stylize clip.mp4 ink.png -o clip-stylized.mp4"


@pytest.mark.parametrize(
    ("choices", "kind", "said"),
    [
        (Choices(), InputError, "no clip yet"),
        (Choices(CLIP), InputError, "no style yet"),
        (replace(PLAIN, begin=2.0, end=1.0), SettingsError, "range: ends at 1 s, before it begins"),
        (replace(PLAIN, quality="live", style_weight=2.0), SettingsError, "style_weight: means nothing"),
        (replace(PLAIN, size="huge"), SettingsError, "'huge' is not a size"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(choices: Choices, kind: type[VidstyleError], said: str) -> None:
    with pytest.raises(kind, match=said):
        choices.command()
