"""How long a contact sheet takes, and how true the times are that it tells.

    python benchmarks/preview.py [--parts sheets,prices,film] [--film-hours 2]

Each sheet is the command itself, in a process of its own: importing torch counts. The times that a sheet
tells are compared with renders of the sample clip. The long film is the sample clip at 1280x720, its packets
copied over and over. Each part writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
from machine import machine, write_section

from vidstyle.media import Encoding, VideoShape, VideoWriter, probe, read
from vidstyle.pipeline import Job, StyleFile
from vidstyle.preview import spread, survey

SAMPLES = Path(__file__).parents[1] / "samples"
CLIP = SAMPLES / "harbour.mp4"
STYLES = [str(SAMPLES / "styles" / f"{name}.jpg") for name in ("swirls", "ink", "mosaic")]
SHEETS = (
    ("strength of 3 frames", STYLES[:1], ("--vary", "strength=0.3,0.6,1")),
    ("strength x style-size", STYLES[:1], ("--vary", "strength=0.3,0.6,1", "--vary", "style-size=0.5,1,2")),
    ("3 styles", STYLES, ()),
    ("quality: live, draft, standard", STYLES[:1], ("--vary", "quality=live,draft,standard")),
)
QUALITIES = ("live", "draft", "standard")


def sheet(styles: list[str], options: tuple[str, ...], folder: Path) -> tuple[float, list[dict[str, object]]]:
    """Seconds, start to end of the process, and what was told."""
    command = [sys.executable, "-m", "vidstyle", "preview", str(CLIP), *styles, "--json", "-y"]
    began = time.monotonic()
    ended = subprocess.run(
        [*command, "-o", str(folder / "sheet.png"), *options], capture_output=True, text=True, check=True
    )
    seconds = time.monotonic() - began
    return seconds, [json.loads(line) for line in ended.stdout.splitlines()]


def render(quality: str, folder: Path) -> float:
    """Seconds that the render itself takes, as it tells them."""
    command = [sys.executable, "-m", "vidstyle", "stylize", str(CLIP), STYLES[0], "--json", "-y"]
    ended = subprocess.run(
        [*command, "-o", str(folder / "out.mp4"), "-q", quality], capture_output=True, text=True, check=True
    )
    return float(json.loads(ended.stdout.splitlines()[-1])["seconds"])


def long_film(folder: Path, hours: float) -> Path:
    """The sample clip at 1280x720, again and again."""
    once, film = folder / "once.mp4", folder / "film.mp4"
    frames = list(read(CLIP, size=(720, 1280)))
    rate = probe(CLIP).video.rate
    with VideoWriter(
        once, VideoShape(1280, 720, 1 / rate, rate), Encoding(crf=30, preset="veryfast")
    ) as writer:
        for number, frame in enumerate(frames):
            writer.add(type(frame)(frame.pixels, number, 1 / rate, number))
    with av.open(str(once)) as source, av.open(str(film), "w") as out:
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        kept = [(p.pts, p.dts) for p in packets if p.pts is not None and p.dts is not None]
        assert stream.time_base is not None
        length = round(len(frames) / rate / stream.time_base)
        for turn in range(round(hours * 3600 * rate / len(frames))):
            for packet, (pts, dts) in zip(packets, kept, strict=True):
                packet.pts, packet.dts, packet.stream = pts + turn * length, dts + turn * length, copy
                out.mux(packet)
    return film


def film_part(folder: Path, hours: float) -> str:
    film = long_film(folder, hours)
    job = Job(film, (StyleFile(Path(STYLES[0])),), folder / "sheet.png")
    began = time.monotonic()
    source = probe(film)
    found = survey(job, source)
    for moment in spread(found.shots, 3):
        next(read(film, start=Fraction(moment), size=(180, 320)))
    seconds = time.monotonic() - began
    size = film.stat().st_size / 1e9
    return (
        f"`python benchmarks/preview.py --parts film` on {machine()}: choosing "
        f"three frames of a film of {float(source.duration or 0) / 3600:.1f} h "
        f"(1280x720, {size:.1f} GB) and reading them: {seconds:.1f} s."
    )


def sheets_part(folder: Path) -> str:
    rows = ["| sheet | painted pictures | time, start to end of the process |", "|---" * 3 + "|"]
    for what, styles, vary in SHEETS:
        seconds, told = sheet(styles, vary, folder)
        rows.append(f"| {what} | {told[-1]['frames']} | {seconds:.1f} s |")
        print(rows[-1], flush=True)
    return (
        f"`python benchmarks/preview.py --parts sheets` on {machine()}: the sample clip (480x270, "
        "100 frames), standard quality where nothing else is tried, pictures of 320x180.\n\n"
        + "\n".join(rows)
    )


def prices_part(folder: Path) -> str:
    rows = ["| quality | all of the clip, as a sheet tells | as the render took |", "|---" * 3 + "|"]
    _, told = sheet(STYLES[:1], ("--vary", f"quality={','.join(QUALITIES)}", "--frames", "1"), folder)
    prices = [event["price"]["total"] for event in told if event["event"] == "priced"]  # type: ignore[index]
    for quality, price in zip(QUALITIES, prices, strict=True):
        rows.append(f"| {quality} | {price:.0f} s | {render(quality, folder):.0f} s |")
        print(rows[-1], flush=True)
    return (
        f"`python benchmarks/preview.py --parts prices` on {machine()}: the sample clip (480x270, "
        "100 frames).\n\n" + "\n".join(rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="sheets,prices,film")
    parser.add_argument("--film-hours", type=float, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "sheets" in options.parts:
            write_section("Contact sheets", sheets_part(folder))
        if "prices" in options.parts:
            write_section("Prices told before a render", prices_part(folder))
        if "film" in options.parts:
            write_section("Frames of a long film", film_part(folder, options.film_hours))


if __name__ == "__main__":
    main()
