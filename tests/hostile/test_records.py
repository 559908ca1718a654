"""What a file says of its making is data: no text in it takes long, crashes, or sends vidstyle elsewhere."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from commands import Vidstyle

from vidstyle.media import read_metadata, read_picture

DEEP = "[" * 100_000


def png_with(content: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with chunks after its header."""
    added = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return content[:33] + added + content[33:]


@pytest.fixture
def record(folder: Path, vidstyle: Vidstyle) -> dict[str, Any]:
    command = ("stylize", "photo.png", "style.png", "-o", "made.png", "--strength", "0", "-q", "draft")
    assert vidstyle(*command).code == 0
    told: dict[str, Any] = json.loads(read_metadata("made.png")["comment"])
    return told


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "change",
    [
        {"start": "1e999999999"},
        {"start": "1" * 100_000},
        {"duration": "NaN"},
        {"settings": []},
        {"settings": None},
        {"encoding": "h264"},
        {"encoding": {"codec": 3}},
        {"styles": "style.png"},
        {"styles": [7]},
        {"source": None},
        {"size": {"a": 1}},
        {"output": 5},
        {"segment_frames": "many"},
    ],
    ids=lambda change: " ".join(map(str, *change.items()))[:30],
)
def test_a_record_that_makes_no_sense_is_told(
    folder: Path, vidstyle: Vidstyle, record: dict[str, Any], change: dict[str, Any]
) -> None:
    text = json.dumps(record | change).encode()
    Path("odd.png").write_bytes(
        png_with(Path("photo.png").read_bytes(), (b"iTXt", b"comment\0\0\0\0\0" + text))
    )
    ended = vidstyle("reproduce", "odd.png")
    assert ended.code in (2, 3), ended.err + ended.out
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    "body",
    [b"comment\0\0\0", b"comment\0\0\0\0", b"comment\0\0", b"comment", b"comment\0\0\0\0\0" + DEEP.encode()],
)
def test_texts_that_break_off_or_nest_for_ever_are_told(
    folder: Path, vidstyle: Vidstyle, body: bytes
) -> None:
    Path("odd.png").write_bytes(png_with(Path("photo.png").read_bytes(), (b"iTXt", body)))
    ended = vidstyle("reproduce", "odd.png")
    assert ended.code == 3
    assert "does not tell how it was made" in ended.err
    assert vidstyle("info", "odd.png").code == 0


@pytest.mark.timeout(20)
def test_a_picture_full_of_marks_is_read_as_fast_as_another(folder: Path) -> None:
    # Where each mark cost a copy of all that follows, this took hours.
    Path("marks.png").write_bytes(png_with(Path("photo.png").read_bytes(), (b"teXt", b"eXIf" * 1_000_000)))
    assert read_picture("marks.png").pixels.shape == (48, 64, 3)


@pytest.mark.parametrize("place", ["//127.0.0.1/share/clip.mp4", "\\\\127.0.0.1\\share\\clip.mp4"])
def test_no_other_machine_is_asked_for_a_file(
    folder: Path, vidstyle: Vidstyle, record: dict[str, Any], place: str
) -> None:
    record["source"]["path"] = place
    text = json.dumps(record).encode()
    Path("far.png").write_bytes(
        png_with(Path("photo.png").read_bytes(), (b"iTXt", b"comment\0\0\0\0\0" + text))
    )
    ended = vidstyle("reproduce", "far.png")
    assert ended.code == 0
    assert "lies on another machine, and was not looked at" in ended.err
