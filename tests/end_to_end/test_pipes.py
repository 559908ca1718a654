"""`-` is standard input and standard output, and --list-codecs tells what opens here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Vidstyle, spawned
from tiny_media import write_clip, write_image

from vidstyle.media import decoders, probe, read


def test_a_film_goes_through_pipes(tmp_path: Path) -> None:
    clip, style = write_clip(tmp_path / "clip.mp4"), write_image(tmp_path / "style.png")
    arguments = ["stylize", "-", str(style), "-o", "-", "--strength", "0", "-q", "draft"]
    reading, writing = os.pipe()
    with spawned(*arguments, stdin=reading, stdout=subprocess.PIPE) as process:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(clip.read_bytes())
        assert process.stdout is not None
        (tmp_path / "out").write_bytes(process.stdout.buffer.read())
    assert process.returncode == 0
    made = probe(tmp_path / "out")
    assert (made.container, [sound.codec for sound in made.audio]) == ("matroska,webm", ["aac"])
    assert len(list(read(tmp_path / "out"))) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out", "style.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_standard_output_is_told(tmp_path: Path) -> None:
    clip, style = write_clip(tmp_path / "clip.mp4"), write_image(tmp_path / "style.png")
    arguments = ["stylize", str(clip), str(style), "-o", "-", "--strength", "0", "-q", "draft"]
    with (
        Path("/dev/full").open("wb") as full,
        spawned(*arguments, stdout=full.fileno(), stderr=subprocess.PIPE) as process,
    ):
        assert process.stderr is not None
        told = process.stderr.read()
    assert (process.returncode, "standard output: no space left" in told) == (4, True), told


def test_what_a_pipe_cannot_be_is_told(vidstyle: Vidstyle, folder: Path) -> None:
    assert folder.is_dir()
    of_a_file = vidstyle("stylize", "clip.mp4", "style.png", "-o", "out.mp4", "--format", "gif")
    assert (of_a_file.code, "format: is for standard output" in of_a_file.err) == (2, True)
    mixed = vidstyle("stylize", "clip.mp4", "style.png", "-o", "-", "--json")
    assert (mixed.code, "json: would mix with the video" in mixed.err) == (2, True)


def test_the_codecs_are_listed_with_whether_they_open(vidstyle: Vidstyle) -> None:
    ended = vidstyle("stylize", "--list-codecs")
    assert ended.code == 0
    rows = {line.split()[0]: line.split()[2] for line in ended.out.splitlines() if line.count(" ") > 3}
    assert rows["h264"] == rows["ffv1"] == rows["gif"] == "yes"
    assert rows["h264_videotoolbox"] == ("yes" if sys.platform == "darwin" else "no")
    found = [name for name, works in decoders().items() if works]
    assert f"Hardware decoders (--decoder): {', '.join(found) or 'none opens here'}." in ended.out
