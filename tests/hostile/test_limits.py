"""Limits on what a source or style may ask for: kept by default, moved by options."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from commands import Vidstyle
from fuzzing.mutate import with_checksums
from fuzzing.seeds import HEIGHT, WIDTH

from vidstyle.batch.items import Override, items
from vidstyle.batch.manifest import read_manifest
from vidstyle.errors import InputError
from vidstyle.faults import Faults
from vidstyle.media import Limits, probe, read_picture

PAINT = ("style.png", "-o", "out.mp4", "--strength", "0", "-q", "draft")
SIDE = 30_000  # 900 million pixels: 2.7 GB as RGB
# Where each format tells its size: (how the right one is written, how a huge one).
SIZES = {
    "png": (struct.pack(">II", WIDTH, HEIGHT), struct.pack(">II", SIDE, SIDE)),
    "jpeg": (struct.pack(">HH", HEIGHT, WIDTH), struct.pack(">HH", SIDE, SIDE)),
    "tiff": (
        struct.pack("<HHIIHHII", 256, 3, 1, WIDTH, 257, 3, 1, HEIGHT),
        struct.pack("<HHIIHHII", 256, 3, 1, SIDE, 257, 3, 1, SIDE),
    ),
    "bmp": (struct.pack("<ii", WIDTH, HEIGHT), struct.pack("<ii", SIDE, SIDE)),
    "ppm": (b"64 48\n", b"30000 30000\n"),
    "gif": (struct.pack("<HH", WIDTH, HEIGHT), struct.pack("<HH", SIDE, SIDE)),
    "y4m": (b"W64 H48", b"W30000 H30000"),
    "mov jpeg": (struct.pack(">HH", HEIGHT, WIDTH), struct.pack(">HH", SIDE, SIDE)),
}


@pytest.mark.parametrize("kind", SIZES)
def test_a_small_file_that_claims_a_huge_picture_is_refused(
    folder: Path, sound: dict[str, tuple[str, bytes]], kind: str
) -> None:
    suffix, content = sound[kind]
    told, huge = SIZES[kind]
    assert told in content
    path = Path(f"bomb{suffix}")
    path.write_bytes(with_checksums(content.replace(told, huge)))
    for read in (probe, read_picture):
        with pytest.raises(InputError, match=r"pixels, more than|no frame|can be read"):
            read(path)


@pytest.mark.parametrize(
    ("options", "code", "complaint"),
    [
        (("--max-pixels", "3071"), 3, "clip.mp4: has 64x48 pixels, more than 0.00307 million"),
        (("--max-streams", "1"), 3, "clip.mp4: holds 2 streams, more than 1"),
        (("--max-duration", "0.9"), 3, "clip.mp4: lasts 1 s, more than 0.9 s"),
        (("--max-duration", "0.9", "--duration", "0.5"), 0, ""),
        (("--max-pixels", "3072", "--max-streams", "2", "--max-duration", "0:01"), 0, ""),
        (("--max-pixels", "0"), 2, "max_pixels"),
        (("--max-error-rate", "1.5"), 2, "max_error_rate"),
        (("--max-error-rate", "nan"), 2, "max_error_rate"),
        (("--max-duration", "long"), 2, "--max-duration"),
    ],
)
def test_options_move_the_limits(
    folder: Path, vidstyle: Vidstyle, options: tuple[str, ...], code: int, complaint: str
) -> None:
    ended = vidstyle("stylize", "clip.mp4", *PAINT, *options)
    assert ended.code == code, ended.err
    assert complaint in ended.err
    assert Path("out.mp4").exists() == (code == 0)


def test_styles_have_limits_too(folder: Path, vidstyle: Vidstyle) -> None:
    Path("style.png").rename("large.png")
    Path("style.png").write_bytes(Path("large.png").read_bytes())
    ended = vidstyle("stylize", "photo.png", "style.png", "-o", "out.png", "--max-pixels", "3000")
    assert ended.code == 3
    assert "has 64x48 pixels" in ended.err


def test_manifests_move_the_limits_and_the_command_line_has_the_last_word(folder: Path) -> None:
    job = '[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\noutput = "out.mp4"\n'
    path = Path("jobs.toml")
    path.write_text(f'{job}max_pixels = 5000\nmax_duration = "1:00"\nmax_error_rate = 0.5\n')
    for override, wanted in (
        (Override(), Limits(max_pixels=5000, max_duration=60, max_error_rate=0.5)),
        (
            Override(limits={"max_pixels": 9000, "max_streams": 3}),
            Limits(max_pixels=9000, max_duration=60, max_streams=3, max_error_rate=0.5),
        ),
    ):
        faults = Faults(path)
        (item,) = items(read_manifest(path), faults, override)
        faults.end()
        assert item.job.limits == wanted


def test_a_damaged_clip_gives_what_can_be_had_and_counts_the_rest(
    folder: Path, vidstyle: Vidstyle, sound: dict[str, tuple[str, bytes]]
) -> None:
    content = bytearray(sound["mov jpeg"][1])
    starts = [place for place in range(len(content)) if content[place : place + 3] == b"\xff\xd8\xff"]
    content[starts[2] : starts[4]] = bytes(starts[4] - starts[2])
    Path("damaged.mov").write_bytes(content)
    refused = vidstyle("stylize", "damaged.mov", *PAINT)
    assert refused.code == 3
    assert "2 of 8 packets do not decode" in refused.err and "--max-error-rate" in refused.err
    assert not Path("out.mp4").exists()
    # Nothing that was painted is painted again.
    ended = vidstyle("stylize", "damaged.mov", *PAINT, "--max-error-rate", "0.3", "--json")
    assert ended.code == 0, ended.err
    assert ended.events[-1]["frames"] == 6
    notices = [event["text"] for event in ended.events if event["event"] == "notice"]
    assert "damaged.mov: 2 of 8 packets are damaged." in notices


def test_a_clip_cut_short_says_how_much_is_missing(
    folder: Path, vidstyle: Vidstyle, sound: dict[str, tuple[str, bytes]]
) -> None:
    content = sound["mkv ffv1"][1]
    Path("cut.mkv").write_bytes(content[: len(content) * 6 // 10])
    ended = vidstyle("stylize", "cut.mkv", *PAINT, "--json")
    assert ended.code == 0, ended.err
    (notice,) = (event["text"] for event in ended.events if event["event"] == "notice")
    assert notice.startswith("cut.mkv: the last 0.") and "missing" in notice
    assert 2 <= ended.events[-1]["frames"] < 8
