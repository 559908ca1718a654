from __future__ import annotations

import json
from pathlib import Path

import pytest

from vidstyle.errors import InputError
from vidstyle.pipeline import job_from_metadata, told_by


@pytest.mark.parametrize("tags", [{}, {"comment": "holiday"}, {"comment": "[1]"}, {"comment": '{"by": "x"}'}])
def test_a_file_that_vidstyle_did_not_make_tells_nothing(tags: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"holiday\.mp4: does not tell how it was made"):
        told_by(tags, Path("holiday.mp4"))


@pytest.mark.parametrize("told", [{}, {"source": 1}, {"source": {"path": "a"}, "styles": [{"path": "b"}]}])
def test_what_another_version_told_is_refused_by_its_number(told: dict) -> None:
    tags = {"comment": json.dumps({"vidstyle": "99.0", **told})}
    with pytest.raises(InputError, match=r"vidstyle 99\.0"):
        job_from_metadata(told_by(tags, Path("x.mp4")))
