"""How many frames a second a live picture has end to end, how late they are, and whether that lasts.

    python benchmarks/live.py [--seconds 20] [--parts speed,soak] [--soak 10] [--size WxH ...]

`speed` runs the session of `vidstyle live` with the built-in network for each size: once on a source that
gives more frames than can be painted, for the frames a second, and once at the asked rate of a camera
(`--rate`), for the latency from the arrival of a frame to its way out. Out is an encoded file (H.264), or a
window on an Xvfb display of its own; both are in the loop that is timed. In the same run, the network of
2016 (`fast_2016.py`) paints frames of the same size, with nothing else around it: as published, in single
precision, and as it is quickest here.
`soak` runs for minutes on a synthetic source and tells memory and speed by the minute.
Each part writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from vidstyle.cli.waiting import wait_briefly

wait_briefly()  # as the command does it, before torch is loaded

import cv2  # noqa: E402 - before av, which the session imports: its windows hang otherwise
import torch  # noqa: E402
from fast_2016 import fast_2016  # noqa: E402
from machine import machine, write_section  # noqa: E402

from vidstyle.cli.window import Window  # noqa: E402
from vidstyle.media import read_picture  # noqa: E402
from vidstyle.media.live_source import LiveSource, source_of  # noqa: E402
from vidstyle.media.recording import Recording  # noqa: E402
from vidstyle.pipeline.device import choose_device, choose_precision  # noqa: E402
from vidstyle.pipeline.live import LiveSession  # noqa: E402
from vidstyle.pipeline.painter import live_painter  # noqa: E402
from vidstyle.pipeline.passing import in_passing  # noqa: E402
from vidstyle.settings import Settings  # noqa: E402
from vidstyle.synthesis.stylizer import StylePicture, Stylizer  # noqa: E402

SAMPLES = Path(__file__).parents[1] / "samples"
CLIP, STYLE = SAMPLES / "harbour.mp4", SAMPLES / "styles" / "swirls.jpg"
SIZES = ((480, 270), (640, 360))
WARM = 2.0  # seconds that count for nothing: threads start, kernels are chosen
REPEATS = 6  # frames of the network of 2016
TRIED = 60  # frames a second of the source of a first, short run
MORE = 1.5  # frames to one that the short run painted: a source that is never waited for; each is decoded


@dataclass(frozen=True)
class Run:
    """How a session went, from `WARM` seconds on.

    Attributes:
        rate: frames out a second.
        dropped: share of the captured frames that gave way to newer ones.
        latency: median seconds from the arrival of a frame to its way out.
        latency_p95: 95th percentile.
    """

    rate: float
    dropped: float
    latency: float
    latency_p95: float


def flowing(size: tuple[int, int], rate: int) -> LiveSource:
    """The sample clip over and over at a rate, in real time: decoded, scaled, and with real motion."""
    name = str(CLIP).replace("\\", "/").replace(":", "\\:")
    graph = f"movie={name}:loop=0,setpts=N/({rate}*TB),scale={size[0]}:{size[1]},format=yuv420p,realtime"
    return source_of(f"lavfi:{graph}")


def painter(style: Path, device: str) -> Stylizer:
    """The live stylizer, as the command makes it."""
    settings = Settings.preset("live", device=device)
    return in_passing(lambda: live_painter([StylePicture(read_picture(style).pixels)], settings).stylizer)


def session_of(source: LiveSource, stylizer: Stylizer, size: tuple[int, int]) -> LiveSession:
    return LiveSession(source, stylizer, size=lambda _: (size[1], size[0]))


def timed(session: LiveSession, seconds: float, out: str, folder: Path) -> Run:
    """Run a session for so long; `out` is "file" or "window"."""
    window: Window | None = None
    seen, dropped, began = 0, 0, 0.0
    with session:
        if out == "file":
            session.send_to("file", lambda shape: Recording(folder / f"{time.monotonic_ns()}.mkv", shape))
        end = time.monotonic() + 600
        while time.monotonic() < end:
            picture = session.newest(0.02)
            session.check()
            if picture is None:
                continue
            if out == "window":
                window = window or Window(picture.painted.pixels.shape[:2])
                window.show(picture.painted.bytes())
                window.key()
                session.shown(picture)
            if not began:
                began = time.monotonic()
                end = began + WARM + seconds
            elif not seen and time.monotonic() > began + WARM:
                counts = session.tally.counts()
                seen, dropped, since = counts.painted, counts.dropped, time.monotonic()
                early = len(session.tally.latencies(out))
        counts, spent = session.tally.counts(), time.monotonic() - since
        late = sorted(session.tally.latencies(out)[early:])
        session.stop()
    if window is not None:
        window.close()
    painted, lost = counts.painted - seen, counts.dropped - dropped
    return Run(
        rate=len(late) / spent,
        dropped=lost / max(1, painted + lost),
        latency=statistics.median(late),
        latency_p95=late[int(0.95 * (len(late) - 1))],
    )


def rate_of_2016(
    size: tuple[int, int],
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    layout: torch.memory_format = torch.contiguous_format,
) -> float:
    """Frames a second of the network of 2016, by the median; in the arithmetic that it was published in."""
    network = fast_2016().to(device, dtype).to(memory_format=layout)
    height, width = size[1] + -size[1] % 4, size[0] + -size[0] % 4
    image = torch.rand(1, 3, height, width, device=device, dtype=dtype).contiguous(memory_format=layout)
    spent = []
    with torch.inference_mode():
        for _ in range(REPEATS + 1):
            began = time.perf_counter()
            network(image)
            if device.type == "cuda":
                torch.cuda.synchronize()
            spent.append(time.perf_counter() - began)
    return 1 / statistics.median(spent[1:])


@contextmanager
def screen() -> Iterator[None]:
    """A display without a screen, for this process."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            os.environ["DISPLAY"] = f":{told.readline().strip()}"
        yield
    finally:
        cv2.destroyAllWindows()
        server.terminate()
        server.wait()


def speed_part(sizes: list[tuple[int, int]], seconds: float, rate: int, device: str) -> str:
    chosen = choose_device(device)
    dtype = choose_precision("auto", chosen, in_bytes=False)
    stylizer = painter(STYLE, device)
    rows = [
        "| size | out | frames a second | latency at a camera's rate, in frame times: median, 95th "
        "percentile | dropped there | network of 2016 alone, as published: frames a second, ratio | "
        "in its quickest arithmetic: frames a second, ratio |",
        "|---" * 7 + "|",
    ]
    with tempfile.TemporaryDirectory() as name, screen():
        for size in sizes:
            published = in_passing(partial(rate_of_2016, size, chosen))
            alike = in_passing(partial(rate_of_2016, size, chosen, dtype, torch.channels_last))
            for out in ("file", "window"):
                folder = Path(name)
                tried = timed(session_of(flowing(size, TRIED), stylizer, size), WARM, out, folder)
                more = ceil(MORE * tried.rate)
                fast = timed(session_of(flowing(size, more), stylizer, size), seconds, out, folder)
                steady = timed(session_of(flowing(size, rate), stylizer, size), seconds, out, folder)
                rows.append(
                    f"| {size[0]}x{size[1]} | {out} | {fast.rate:.1f} | {steady.latency * rate:.2f}, "
                    f"{steady.latency_p95 * rate:.2f} ({1e3 * steady.latency:.0f}, "
                    f"{1e3 * steady.latency_p95:.0f} ms) | {steady.dropped:.1%} | {published:.2f}, "
                    f"{fast.rate / published:.1f} | {alike:.2f}, {fast.rate / alike:.1f} |"
                )
                print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/live.py --parts speed --seconds {seconds:g}` on {machine()}: the session of "
        "`vidstyle live`, the sample clip over and over, style swirls. *Frames a second*: decode, flow, "
        "network, stabiliser, and H.264 into a file or a window on Xvfb, of a source that gives "
        f"{MORE} times as many as a short run painted. *Latency*: from the arrival of a frame at the session "
        f"to its way out, at {rate} frames a second, one frame time being {1000 / rate:.1f} ms. The network "
        "of 2016 (random weights) runs with nothing around it: as published, in float32, and as is "
        f"quickest here without quantising it, in {str(dtype).removeprefix('torch.')} and channels_last.\n\n"
        + "\n".join(rows)
    )


def resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def soak_part(minutes: float, size: tuple[int, int], rate: int, device: str) -> str:
    """Memory and speed by the minute (ten readings, if it is shorter than ten minutes)."""
    readings = max(10, round(minutes))
    step = 60 * minutes / readings
    rows = ["| minute | memory | frames a second | dropped | latency, 95th percentile |", "|---" * 5 + "|"]
    source = source_of(f"lavfi:testsrc2=size={size[0]}x{size[1]}:rate={rate},format=yuv420p,realtime")
    session = session_of(source, painter(STYLE, device), size)
    memory, rates = [], []
    with tempfile.TemporaryDirectory() as name, session:
        session.send_to("file", lambda shape: Recording(Path(name) / "soak.mkv", shape))
        while session.newest(0.1) is None:
            session.check()
        time.sleep(WARM)
        for reading in range(1, readings + 1):
            before, heard = session.tally.counts(latency=False), len(session.tally.latencies("file"))
            began = time.monotonic()
            while time.monotonic() < began + step:
                session.newest(0.1)
                session.check()
            after = session.tally.counts(latency=False)
            late = sorted(session.tally.latencies("file")[heard:]) or [0.0]
            memory.append(resident())
            rates.append((after.painted - before.painted) / (time.monotonic() - began))
            rows.append(
                f"| {reading * step / 60:.1f} | {memory[-1]:.0f} MB | {rates[-1]:.1f} | "
                f"{after.dropped - before.dropped} | {1e3 * late[int(0.95 * (len(late) - 1))]:.0f} ms |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
        session.stop()
    return (
        f"`python benchmarks/live.py --parts soak --soak {minutes:g}` on {machine()}: a moving test picture "
        f"of {size[0]}x{size[1]} at {rate} frames a second, painted and recorded without a break. From the "
        f"first reading to the last, memory changed by {memory[-1] - memory[0]:+.0f} MB and speed by "
        f"{100 * (rates[-1] / rates[0] - 1):+.1f} %.\n\n" + "\n".join(rows)
    )


def size_of(text: str) -> tuple[int, int]:
    """(width, height) of "1920x1080"."""
    width, height = map(int, text.split("x"))
    return width, height


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="speed,soak")
    parser.add_argument("--seconds", type=float, default=20, help="of each run")
    parser.add_argument("--soak", type=float, default=10, metavar="MINUTES")
    parser.add_argument("--rate", type=int, default=24, help="frames a second of the camera")
    parser.add_argument("--size", action="append", metavar="WxH", help="may be repeated")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--title", default="Live", help="of the section of speed")
    options = parser.parse_args()
    sizes = [size_of(size) for size in options.size or ()] or list(SIZES)
    if "speed" in options.parts:
        text = speed_part(sizes, options.seconds, options.rate, options.device)
        asked = "" if options.title == "Live" else f' --title "{options.title}"'
        write_section(options.title, text.replace("--parts speed", f"--parts speed{asked}", 1))
    if "soak" in options.parts:
        write_section("Live for a while", soak_part(options.soak, sizes[-1], options.rate, options.device))


if __name__ == "__main__":
    main()
