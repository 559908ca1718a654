"""The package from Python: names at hand, and any iterator of pictures painted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tiny_media import HEIGHT, WIDTH, count_frames, texture

import vidstyle

DRAFT = vidstyle.Settings.preset("draft", steps=1, first_steps=(2, 2))


def moving(count: int = 3) -> list[npt.NDArray[np.uint8]]:
    return [np.roll(texture(1), 2 * step, axis=1) for step in range(count)]


def test_every_public_name_is_there_and_listed() -> None:
    assert set(vidstyle.__all__) <= set(dir(vidstyle))
    for name in vidstyle.__all__:
        assert getattr(vidstyle, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        vidstyle.nonsense  # noqa: B018


@pytest.mark.usefixtures("hasty")
def test_one_call_does_what_the_command_does(folder: Path) -> None:
    finished = vidstyle.stylize("clip.mp4", "style.png", "out.mp4", quality="draft", steps=2)
    assert (finished.frames, finished.size) == (4, (HEIGHT, WIDTH))
    assert count_frames(folder / "out.mp4") == 4


def test_pictures_come_back_as_they_came() -> None:
    style = texture(2)
    arrays = list(vidstyle.stylize_frames(moving(), [style], DRAFT))
    assert [(picture.shape, picture.dtype) for picture in arrays] == [((HEIGHT, WIDTH, 3), np.uint8)] * 3
    assert all(not np.array_equal(new, old) for new, old in zip(arrays, moving(), strict=True))

    floats = (frame.astype(np.float32) / 255 for frame in moving())
    for new, old in zip(vidstyle.stylize_frames(floats, [style], DRAFT), arrays, strict=True):
        assert new.dtype == np.float32
        assert np.abs(new * 255 - old).max() <= 0.51  # the same picture, not yet rounded

    tensors = (torch.from_numpy(frame).permute(2, 0, 1) for frame in moving())
    for picture, old in zip(vidstyle.stylize_frames(tensors, [style], DRAFT), arrays, strict=True):
        assert (tuple(picture.shape), picture.dtype) == ((3, HEIGHT, WIDTH), torch.uint8)
        assert np.array_equal(picture.permute(1, 2, 0).numpy(), old)

    halves = (torch.from_numpy(frame).half() / 255 for frame in moving(1))
    (half,) = vidstyle.stylize_frames(halves, [style], DRAFT)
    assert (tuple(half.shape), half.dtype) == ((HEIGHT, WIDTH, 3), torch.float16)


def test_no_picture_is_read_before_it_is_needed() -> None:
    read: list[int] = []

    def camera() -> Iterator[npt.NDArray[np.uint8]]:
        for index, frame in enumerate(moving(9)):
            read.append(index)
            yield frame

    painted = vidstyle.stylize_frames(camera(), [texture(2)], DRAFT)
    assert read == []
    next(painted)
    assert read == [0]
    next(painted)
    assert read == [0, 1]


def test_styles_may_be_files_arrays_or_weighted_pictures(folder: Path) -> None:
    weighted = vidstyle.StylePicture(texture(4), weight=0.0)
    (alone,) = vidstyle.stylize_frames(moving(1), ["style.png"], DRAFT)
    (mixed,) = vidstyle.stylize_frames(moving(1), [folder / "style.png", weighted], DRAFT)
    assert np.abs(alone.astype(int) - mixed).max() <= 1


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        (np.zeros((HEIGHT, WIDTH), np.uint8), r"frame 0: has the shape \(48, 64\)"),
        (np.zeros((HEIGHT, WIDTH, 4), np.uint8), r"frame 0: has the shape \(48, 64, 4\)"),
        (np.zeros((HEIGHT, 20, 3), np.uint8), "frame 0: is 20x48"),
        (np.zeros((HEIGHT, WIDTH, 3), np.int32), "frame 0: holds int32"),
        (np.full((HEIGHT, WIDTH, 3), 200.0), "frame 0: holds 200 to 200"),
        (np.full((HEIGHT, WIDTH, 3), np.nan), "frame 0: holds nan to nan"),
        (torch.zeros(3, HEIGHT, WIDTH, dtype=torch.int64), "frame 0: holds int64"),
        ([[0]], "frame 0: is a list"),
    ],
)
def test_what_is_no_picture_is_refused(frame: npt.NDArray[np.uint8], complaint: str) -> None:
    with pytest.raises(vidstyle.InputError, match=complaint):
        next(vidstyle.stylize_frames([frame], [texture(2)], DRAFT))


def test_a_style_that_is_missing_is_told_before_the_first_frame() -> None:
    with pytest.raises(vidstyle.InputError, match=r"gone\.png"):
        vidstyle.stylize_frames(moving(), ["gone.png"], DRAFT)
    with pytest.raises(vidstyle.InputError, match="styles: names no picture"):
        vidstyle.stylize_frames(moving(), [], DRAFT)
