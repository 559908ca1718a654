from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from blending import job, run
from clips import make_clip, make_picture

from vidstyle.cli.reproduce import changes
from vidstyle.errors import InputError, OutputError
from vidstyle.media import read_metadata
from vidstyle.pipeline import job_from_metadata, plan, told_by
from vidstyle.pipeline.hashes import sha256
from vidstyle.pipeline.output import check_trace
from vidstyle.pipeline.state import differences


@pytest.mark.parametrize("tags", [{}, {"comment": "holiday"}, {"comment": "[1]"}, {"comment": '{"by": "x"}'}])
def test_a_file_that_vidstyle_did_not_make_tells_nothing(tags: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"holiday\.mp4: does not tell how it was made"):
        told_by(tags, Path("holiday.mp4"))


def test_a_frame_tells_which_clip_its_style_was_practised_on(clip: Path, style: Path, tmp_path: Path) -> None:
    frame, footage = make_picture(tmp_path / "frame.png"), tmp_path / "clip.mp4"
    shutil.copy(clip, footage)
    asked = job(frame, style, tmp_path / "out.png", footage=footage)
    run(asked)
    told = told_by(read_metadata(asked.output), asked.output)
    assert told["footage"] == {"path": str(footage), "sha256": sha256(clip)}
    assert job_from_metadata(told) == asked
    assert [text for text in changes(told, asked) if "footage" in text] == [
        "footage: set from Python, no option of the command sets it."
    ]
    before = plan(replace(asked, overwrite=True)).identity
    make_clip(footage, cut=None)
    assert list(differences(before, plan(replace(asked, overwrite=True)).identity)) == ["footage"]
    assert f"{footage}: has changed since." in list(changes(told, asked))


def test_the_clip_of_a_frame_is_not_written_over(clip: Path, style: Path, tmp_path: Path) -> None:
    footage = tmp_path / "clip.png"  # whatever it is called
    shutil.copy(clip, footage)
    frame = make_picture(tmp_path / "frame.png")
    with pytest.raises(OutputError, match="is the footage"):
        plan(job(frame, style, footage, footage=footage, overwrite=True))
    with pytest.raises(OutputError, match="is a file of the render itself"):
        check_trace(footage, job(frame, style, tmp_path / "out.png", footage=footage))


@pytest.mark.parametrize("told", [{}, {"source": 1}, {"source": {"path": "a"}, "styles": [{"path": "b"}]}])
def test_what_another_version_told_is_refused_by_its_number(told: dict) -> None:
    tags = {"comment": json.dumps({"vidstyle": "99.0", **told})}
    with pytest.raises(InputError, match=r"vidstyle 99\.0"):
        job_from_metadata(told_by(tags, Path("x.mp4")))
