"""What a file is called and what it tells of itself is shown, never obeyed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest
from commands import Vidstyle
from hypothesis import given, settings
from hypothesis import strategies as st

from vidstyle.cli.command import quoted
from vidstyle.cli.plain import printable
from vidstyle.cli.progress import progress
from vidstyle.pipeline.events import Notice

HOSTILE = "\x1b[31mred\x1b[0m\x07 \u202egpj.exe\nnext: line\r%s%n{0} [bold]x[/bold] $(touch pwned)"
SHOWN = "\\x1b[31mred\\x1b[0m\\x07 \\u202egpj.exe\\nnext: line\\r%s%n{0} [bold]x[/bold] $(touch pwned)"
NAMES = ["[bold red]x.mp4", "%s%n{0}{stem}.mp4", "a\x1b]0;owned\x07.mp4", "two\nlines.mp4", "-n.mp4"]


def tagged(source: Path, path: Path, text: str) -> Path:
    with av.open(str(source)) as original, av.open(str(path), "w") as out:
        out.metadata["title"] = text
        pictures = original.streams.video[0]
        stream = out.add_stream_from_template(pictures)
        for packet in original.demux(pictures):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return path


def test_tags_cannot_steer_the_terminal(folder: Path, vidstyle: Vidstyle) -> None:
    path = tagged(folder / "clip.mp4", folder / "tagged.mkv", HOSTILE)
    plain = vidstyle("info", "clip.mp4")
    ended = vidstyle("info", path)
    assert ended.code == 0
    assert f"title     {SHOWN}" in ended.out
    assert len(ended.out.splitlines()) <= len(plain.out.splitlines()) + 1  # no line of its own making
    assert all(char.isprintable() for line in ended.out.splitlines() for char in line)
    (told,) = vidstyle("info", path, "--json").events
    assert told["metadata"]["title"] == HOSTILE
    assert not (folder / "pwned").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", NAMES)
def test_names_are_names(folder: Path, vidstyle: Vidstyle, name: str) -> None:
    missing = vidstyle("info", f"./{name}")
    assert missing.code == 3
    assert len(missing.err.splitlines()) == 1
    assert "\x1b" not in missing.err
    (folder / "clip.mp4").rename(folder / name)
    output = f"./out{name}"
    ended = vidstyle("stylize", f"./{name}", "style.png", "-o", output, "--strength", "0", "-q", "draft")
    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.err
    assert printable(f"out{name}") in ended.err
    assert (folder / output).is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is valid text")
def test_a_name_that_is_no_text_is_shown_in_escapes(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp4")
    (folder / "clip.mp4").rename(folder / name)
    ended = subprocess.run(
        [sys.executable, "-m", "vidstyle", "info", name],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert "caf\\udce9.mp4" in ended.stdout
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_bar_takes_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with progress(json=False) as shown:
        shown.show(Notice("[bold]x[/bold].mp4 \x1b[31m[link=http://a.b]here[/link]"))
    assert "[bold]x[/bold].mp4 \\x1b[31m[link=http://a.b]here[/link]" in terminal.getvalue()


@given(st.text(st.sampled_from([*map(chr, range(0x2100)), "\udce9", "\U0001f600"])))
@settings(max_examples=50)
def test_what_is_printed_shows_all_and_steers_nothing(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2066" for char in shown)
    plain = "".join(char for char in text if char.isalnum())
    assert plain in "".join(char for char in shown if char.isalnum()) or shown != text


@pytest.mark.skipif(sys.platform == "win32", reason="a command for bash")
@pytest.mark.parametrize("argument", [*NAMES, "it's \\ \x1b\n", "$(touch pwned)", os.fsdecode(b"\xff"), ""])
def test_a_command_that_is_pasted_means_what_was_said(folder: Path, argument: str) -> None:
    line = quoted(["printf", "%s", argument])
    assert printable(line) == line
    ended = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert ended.stdout == os.fsencode(argument)
    assert not (folder / "pwned").exists()
