from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from shown_media import HEIGHT, WIDTH, Telling, telling, texture, write_film

from vidstyle.errors import InputError, OutputError, SettingsError
from vidstyle.media import probe, read_picture, write_picture
from vidstyle.pipeline import Event, Finished, FrameDone, Job, Painter, Priced, Started, StyleFile
from vidstyle.pipeline.footage import Footage
from vidstyle.preview import Preview, axes_of, preview
from vidstyle.preview.cells import thumbnail_size
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture


def asked(film: Path, styles: tuple[Path, ...], output: Path, *vary: str, **changes: object) -> Preview:
    settings = Settings.preset("draft", first_steps=(1,), steps=1, device="cpu")
    overrides = {"first_steps": (1,), "steps": 1, "device": "cpu"}
    job = Job(film, tuple(map(StyleFile, styles)), output, settings)
    return Preview(job, overrides, axes_of(vary, job), **changes)  # type: ignore[arg-type]


def made(of: Preview) -> tuple[list[Event], np.ndarray]:
    events = list(preview(of, make_painter=telling))
    return events, read_picture(of.job.output).bytes()


def painted_pixels(picture: np.ndarray, red: int, blue: int = 0) -> int:
    """How many pixels a sheet shows of what `Telling` paints in the first style."""
    return int((picture == (red, int(texture(50)[0, 0, 0]), blue)).all(axis=2).sum())


def test_columns_are_values_and_rows_are_frames(
    film: Path, styles: tuple[Path, Path], tmp_path: Path
) -> None:
    events, picture = made(asked(film, styles[:1], tmp_path / "sheet.png", "strength=0,0.4,1"))
    green = int(texture(50)[0, 0, 0])
    for strength in (0, 102, 255):
        flat = (picture == (strength, green, 0)).all(axis=2)
        assert flat.sum() == 3 * HEIGHT * WIDTH
        assert len(np.unique(np.nonzero(flat)[1])) == WIDTH  # one above the other
    assert [event.frames for event in events if isinstance(event, Started)] == [9]
    assert [event.done for event in events if isinstance(event, FrameDone)] == list(range(1, 10))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.size == picture.shape[:2]


def test_the_source_stands_beside_what_was_painted_of_it(
    film: Path, styles: tuple[Path, Path], tmp_path: Path
) -> None:
    _, picture = made(asked(film, styles[:1], tmp_path / "sheet.png"))
    for shot in range(3):  # a frame of each
        scores = [
            cv2.matchTemplate(picture, np.roll(texture(10 + shot), step, axis=1), cv2.TM_CCOEFF_NORMED).max()
            for step in range(16)
        ]
        assert max(scores) > 0.98


@pytest.mark.parametrize(
    ("vary", "overrides", "lessons"),
    [("strength=0.5,1", {}, {0}), ("strength=0.5,1", {"practice": 7}, {7}), ("practice=0,5", {}, {0, 5})],
)
def test_a_sheet_waits_for_no_practice_that_was_not_asked_for(
    film: Path,
    styles: tuple[Path, Path],
    tmp_path: Path,
    vary: str,
    overrides: dict[str, int],
    lessons: set[int],
) -> None:
    seen = []

    def noting(
        pictures: Sequence[StylePicture], settings: Settings, footage: Footage | None = None
    ) -> Painter:
        seen.append(settings.practice)
        return telling(pictures, settings)

    job = Job(film, (StyleFile(styles[0]),), tmp_path / "sheet.png", Settings.preset("live", **overrides))
    for _ in preview(Preview(job, overrides, axes_of((vary,), job)), make_painter=noting):
        pass
    assert set(seen[:2]) == lessons
    assert set(seen[2:]) == {0}  # prices are of frames


def test_two_settings_make_a_grid_of_one_frame(film: Path, styles: tuple[Path, Path], tmp_path: Path) -> None:
    events, picture = made(asked(film, styles, tmp_path / "sheet.png", "strength=0.2,1", "style"))
    greens = [int(texture(seed)[0, 0, 0]) for seed in (50, 51)]
    tops = []
    for green in greens:
        for red in (51, 255):
            flat = (picture == (red, green, 0)).all(axis=2)
            assert flat.sum() == HEIGHT * WIDTH
            tops.append(int(np.nonzero(flat)[0].min()))
    assert tops[0] == tops[1] < tops[2] == tops[3]
    assert len([event for event in events if isinstance(event, FrameDone)]) == 4


def test_as_many_frames_are_shown_as_are_asked_for(
    film: Path, styles: tuple[Path, Path], tmp_path: Path
) -> None:
    _, picture = made(asked(film, styles[:1], tmp_path / "sheet.png", "strength=1", frames=5))
    assert painted_pixels(picture, 255) == 5 * HEIGHT * WIDTH


def test_settings_that_act_over_time_are_shown_after_some_frames(
    film: Path, styles: tuple[Path, Path], tmp_path: Path
) -> None:
    sheet = asked(film, styles[:1], tmp_path / "sheet.png", "temporal-weight=1", "strength=1")
    _, picture = made(sheet)
    assert painted_pixels(picture, 255, blue=3) == HEIGHT * WIDTH  # three frames after the first


def test_thumbnails_are_as_large_as_asked_for_and_shown_with_square_pixels(
    styles: tuple[Path, Path], tmp_path: Path
) -> None:
    wide = write_film(tmp_path / "wide.mp4", (4,), sar=2)
    assert thumbnail_size(probe(wide).video, 96) == (36, 96)
    assert thumbnail_size(probe(wide).video, 1000) == (48, 128)  # no larger than it is
    assert thumbnail_size(replace(probe(wide).video, width=6400), 320) == (32, 8533)  # DIS needs 32 lines
    sheet = asked(wide, styles[:1], tmp_path / "sheet.png", "strength=1", thumbnail=96, frames=1)
    events, picture = made(sheet)
    assert next(event.size for event in events if isinstance(event, Started)) == (36, 96)
    assert painted_pixels(picture, 255) == 36 * 96


def test_prices_are_those_of_the_full_size(film: Path, styles: tuple[Path, Path], tmp_path: Path) -> None:
    of = asked(film, styles[:1], tmp_path / "sheet.png", "strength=0.5,1", frames=1)
    events, _ = made(replace(of, job=replace(of.job, size=(96, 80))))
    (price,) = [event for event in events if isinstance(event, Priced)]
    assert (price.label, price.size) == ("", (80, 96))
    assert price.price.total is not None and price.price.later is not None
    assert price.price.total > 29 * price.price.later > 0


def test_each_variant_has_its_price_where_they_differ(
    film: Path, styles: tuple[Path, Path], tmp_path: Path
) -> None:
    events, _ = made(asked(film, styles[:1], tmp_path / "sheet.png", "quality=draft,high", frames=1))
    assert [event.label for event in events if isinstance(event, Priced)] == ["quality draft", "quality high"]


def test_a_still_has_a_sheet_too(styles: tuple[Path, Path], tmp_path: Path) -> None:
    write_picture(tmp_path / "photo.png", texture(3))
    _, picture = made(asked(tmp_path / "photo.png", styles, tmp_path / "sheet.jpg"))
    photo = cv2.matchTemplate(picture, texture(3), cv2.TM_CCOEFF_NORMED)
    assert photo.max() > 0.95


def test_a_stretch_alone_is_shown(film: Path, styles: tuple[Path, Path], tmp_path: Path) -> None:
    of = asked(film, styles[:1], tmp_path / "sheet.png")
    _, picture = made(replace(of, job=replace(of.job, start=Fraction(3))))
    third = [np.roll(texture(12), step, axis=1) for step in range(8)]
    assert max(cv2.matchTemplate(picture, each, cv2.TM_CCOEFF_NORMED).max() for each in third) > 0.98
    assert cv2.matchTemplate(picture, texture(10)[:, 20:40].copy(), cv2.TM_CCOEFF_NORMED).max() < 0.9


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sheet.mp4", r"is no picture\. Name a \.png or \.jpg, or add --clip"),
        ("there.png", r"exists already\. Add -y"),
        ("no/sheet.png", "its folder does not exist"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    film: Path, styles: tuple[Path, Path], tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "there.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match=told):
        next(preview(asked(film, styles, tmp_path / name)))
    assert (tmp_path / "there.png").read_bytes() == b"mine"


def test_neither_source_nor_style_is_written_over(film: Path, tmp_path: Path) -> None:
    style = tmp_path / "style.png"
    write_picture(style, texture(1))
    with pytest.raises(OutputError, match="is one of the styles"):
        next(preview(asked(film, (style,), style)))


def test_a_sheet_that_fails_leaves_nothing(film: Path, styles: tuple[Path, Path], tmp_path: Path) -> None:
    class Failing(Telling):
        def start(self, frame):
            raise InputError("fails")

    with pytest.raises(InputError):
        list(
            preview(
                asked(film, styles[:1], tmp_path / "sheet.png"),
                make_painter=lambda pictures, settings, footage: Painter(Failing(pictures, settings), ""),
            )
        )
    assert list(tmp_path.iterdir()) == []


def test_numbers_out_of_range_are_refused(film: Path, styles: tuple[Path, Path], tmp_path: Path) -> None:
    for wrong in ({"frames": 0}, {"thumbnail": 8}):
        with pytest.raises(SettingsError, match="must be at least"):
            asked(film, styles, tmp_path / "sheet.png", **wrong)
