"""Masks from the command line and from Python."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch
from commands import Vidstyle
from tiny_media import HEIGHT, WIDTH, texture, write_clip, write_image

import vidstyle as package
from vidstyle.cli.command import arguments_of
from vidstyle.media import read, read_picture
from vidstyle.pipeline import Job, MaskFile, StyleFile

INPUT, SETTINGS = 3, 2
DRAFT = package.Settings.preset("draft", steps=1, first_steps=(2, 2))
LEFT = np.zeros((HEIGHT, WIDTH), np.uint8)
LEFT[:, : WIDTH // 2] = 255


@pytest.fixture
def masked(folder: Path) -> Path:
    """The folder, with left.png, white on its left half, and ink.png."""
    cv2.imwrite("left.png", LEFT)
    write_image(folder / "ink.png", 7)
    return folder


@pytest.mark.usefixtures("hasty")
def test_what_is_under_none_stays_pixel_for_pixel(masked: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle(
        *("stylize", "style.png", "none", "--mask", "left.png=ink.png", "-o", "out.png", "-q", "draft")
    )
    assert ended.code == 0, ended.err
    before, after = (read_picture(name).pixels.astype(int) for name in ("style.png", "out.png"))
    assert np.array_equal(before[:, 32:], after[:, 32:])
    assert np.abs(before - after)[:, :32].mean() > 5


@pytest.mark.parametrize("quality", ["draft", "live"])
@pytest.mark.usefixtures("hasty")
def test_two_styles_share_a_clip_by_a_moving_mask(masked: Path, vidstyle: Vidstyle, quality: str) -> None:
    write_clip(masked / "mask.mp4", sound=False)
    ended = vidstyle(
        *("stylize", "clip.mp4", "style.png", "--mask", "mask.mp4=ink.png", "--mask", "left.png=none"),
        *("-o", "out.mkv", "-q", quality, "--codec", "ffv1"),
    )
    assert ended.code == 0, ended.err
    for source, painted in zip(read("clip.mp4"), read("out.mkv"), strict=True):
        assert np.array_equal(source.pixels[:, :32], painted.pixels[:, :32])
        assert not np.array_equal(source.pixels[:, 33:], painted.pixels[:, 33:])


@pytest.mark.skipif(sys.platform == "win32", reason="quotes for a POSIX shell")
@pytest.mark.usefixtures("hasty")
def test_the_printed_command_makes_the_same_bytes(masked: Path, vidstyle: Vidstyle) -> None:
    (masked / "left.png").rename(masked / "a=b's left.png")
    first = vidstyle(
        *("stylize", "clip.mp4", "none", "--mask", "a=b's left.png=ink.png", "--mask", "style.png=none"),
        *("-o", "out.mp4", "-q", "draft", "--steps", "1", "--device", "cpu"),
    )
    assert first.code == 0, first.err
    made = Path("out.mp4").read_bytes()
    printed = vidstyle("reproduce", "out.mp4")
    assert (printed.code, printed.err) == (0, "")
    again = vidstyle(*shlex.split(printed.out)[1:], "-y")
    assert again.code == 0, again.err
    assert Path("out.mp4").read_bytes() == made
    write_image(masked / "ink.png", 8)
    Path("style.png").unlink()
    told = vidstyle("reproduce", "out.mp4").err.splitlines()
    assert "vidstyle: warning: ink.png: has changed since." in told
    assert any("style.png: is not there" in line for line in told)


def test_a_picture_called_none_is_told_from_no_style() -> None:
    masks = (MaskFile(Path("m.png"), None), MaskFile(Path("n.png"), Path("none")))
    job = Job(Path("in.mp4"), (StyleFile(Path("none")),), Path("out.mp4"), masks=masks)
    whole = str(Path("none").absolute())
    assert arguments_of(job) == [
        *("stylize", "in.mp4", whole, "-o", "out.mp4"),
        *("--mask", "m.png=none", "--mask", f"n.png={whole}"),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("style.png", "--mask", "gone.png=ink.png"), INPUT, "gone.png: does not exist."),
        (("style.png", "--mask", "left.png=gone.png"), INPUT, "gone.png: does not exist."),
        (("style.png", "--mask", "left.png"), SETTINGS, "--mask: 'left.png' is not MASK=STYLE."),
        (("style.png", "--mask", "left.png="), SETTINGS, "--mask: 'left.png=' is not MASK=STYLE."),
        (("none",), SETTINGS, "styles: names no style."),
        (("none", "--mask", "left.png=none"), SETTINGS, "styles: names no style."),
        (("none", "style.png", "--mask", "left.png=ink.png"), SETTINGS, "STYLE none: stands beside"),
        (
            ("style.png", "--mask", "left.png=ink.png", "--mask", "left.png=none"),
            SETTINGS,
            "--mask: gives 'left.png' twice.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    masked: Path, vidstyle: Vidstyle, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ended = vidstyle("stylize", "clip.mp4", *arguments, "-o", "out.mp4")
    assert ended.code == code
    (line,) = ended.err.splitlines()
    assert line.startswith(f"vidstyle: error: {told}")
    assert not Path("out.mp4").exists()


@pytest.mark.usefixtures("hasty")
def test_one_call_takes_masks_by_name(masked: Path) -> None:
    package.stylize("style.png", None, "out.png", masks={"left.png": "ink.png"}, quality="draft", steps=1)
    before, after = (read_picture(name).pixels for name in ("style.png", "out.png"))
    assert np.array_equal(before[:, 32:], after[:, 32:])
    assert not np.array_equal(before, after)


def moving(count: int = 3) -> list[npt.NDArray[np.uint8]]:
    return [np.roll(texture(1), 2 * step, axis=1) for step in range(count)]


@pytest.mark.parametrize(
    "mask",
    [
        LEFT,
        LEFT > 0,
        LEFT[::2, ::2],
        torch.from_numpy(LEFT / 255),
        "left.png",
        [LEFT] * 3,
        np.stack([LEFT] * 3),
        (torch.from_numpy(LEFT) for _ in range(3)),
    ],
    ids=["bytes", "bool", "smaller", "tensor", "file", "list", "stack", "generator"],
)
@pytest.mark.usefixtures("masked")
def test_masks_of_frames_come_in_many_forms(mask: object) -> None:
    painted = package.stylize_frames(moving(), [], DRAFT, masks=[(mask, "ink.png")])  # type: ignore[list-item]
    for before, after in zip(moving(), painted, strict=True):
        assert np.array_equal(before[:, 34:], after[:, 34:])
        assert np.abs(before.astype(int) - after)[:, :30].mean() > 3


def test_each_frame_is_painted_under_its_own_mask() -> None:
    masks = [np.roll(LEFT, 8 * step, axis=1) for step in range(3)]
    painted = package.stylize_frames(moving(), [texture(2)], DRAFT, masks=[(masks, None)])
    for before, after, mask in zip(moving(), painted, masks, strict=True):
        assert np.array_equal((before != after).any(2), mask == 0)


@pytest.mark.parametrize(
    ("mask", "complaint"),
    [
        ([LEFT], "mask 1: ends before frame 1"),
        (np.zeros((3, HEIGHT, WIDTH, 3), np.uint8), r"mask 1, frame 0: has the shape \(48, 64, 3\)"),
        (LEFT * 2.0, "mask 1: holds 0 to 510"),
    ],
)
def test_masks_that_cannot_be_used_are_told(mask: object, complaint: str) -> None:
    with pytest.raises(package.InputError, match=complaint):
        list(package.stylize_frames(moving(2), [texture(2)], DRAFT, masks=[(mask, None)]))  # type: ignore[list-item]
