"""Encoders can write files of their own: a manifest from a stranger must not make them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import Vidstyle

from vidstyle.media.file_options import options_leading_to_files

JOB = """[[jobs]]
input = "clip.mp4"
styles = "style.png"
output = "out.mp4"
strength = 0
quality = "draft"
"""


@pytest.mark.parametrize("option", ["x264-params", "x264opts"])
def test_within_a_root_no_option_leads_out_of_it(folder: Path, vidstyle: Vidstyle, option: str) -> None:
    root, victim = folder / "root", folder / "victim"
    root.mkdir()
    for name in ("clip.mp4", "style.png"):
        (folder / name).rename(root / name)
    path = root / "jobs.toml"
    path.write_text(f'{JOB}encoder_options = {{"{option}" = "pass=1:stats={victim}"}}\n')
    ended = vidstyle("batch", path, "--root", root)
    assert ended.code == 2
    assert f"encoder_options: {option} may lead the encoder to files" in ended.err
    assert not victim.exists()
    # Without a root the manifest is trusted, and this is what it can do: the test is about something.
    assert vidstyle("batch", path).code == 0
    assert victim.exists()


def test_a_command_is_not_given_without_a_warning(folder: Path, vidstyle: Vidstyle) -> None:
    command = ("stylize", "photo.png", "style.png", "-o", "out.png", "--strength", "0", "-q", "draft")
    assert vidstyle(*command).code == 0
    content = Path("out.png").read_bytes()
    start = content.index(b'{"vidstyle"')
    record = content[start : content.rindex(b"}", start, content.index(b"IDAT")) + 1]
    told = json.loads(record)
    told["encoding"]["options"] = {"x264-params": "stats=/etc/passwd:pass=1"}
    Path("out.jpg").write_bytes(b"\xff\xd8\xff\xfe" + _sized(json.dumps(told).encode()) + _jpeg_rest())
    ended = vidstyle("reproduce", "out.jpg")
    assert ended.code == 0, ended.err
    assert "-x x264-params: may lead the encoder to any file" in ended.err


@pytest.mark.parametrize(
    ("key", "value", "leads"),
    [
        ("tune", "film", False),
        ("x264-params", "keyint=9:bframes=1:me=umh", False),
        ("x265-params", "log-level=none:frame-threads=2", False),
        ("x264-params", "bframes=1:stats=9", True),
        ("x265-params", "csv=out", True),
        ("x265-params", "keyint=9:recon=a.y4m", True),
        ("x264opts", "cqmfile=secrets", True),
        ("stats", "2pass.log", True),
        ("passlogfile", "a", True),
        ("anything", "/etc/passwd", True),
    ],
)
def test_options_that_lead_to_files_are_known(key: str, value: str, leads: bool) -> None:
    assert options_leading_to_files({key: value}) == ((key,) if leads else ())


def _sized(text: bytes) -> bytes:
    return (len(text) + 2).to_bytes(2) + text


def _jpeg_rest() -> bytes:
    import cv2
    import numpy as np

    return bytes(cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1])[2:]
