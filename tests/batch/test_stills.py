"""A folder of pictures, each painted on its own: names and sizes stay, and what is done is done."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from cheap_painters import painting
from small_media import texture, write_picture

from vidstyle.batch import InProcess
from vidstyle.batch.run import End
from vidstyle.batch.stills import stylize_pictures
from vidstyle.cli.stills import are_stills
from vidstyle.errors import BatchError, InputError, OutputError, SettingsError
from vidstyle.media import read_picture
from vidstyle.schedule import Keyframe, Schedule


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three pictures of different sizes and formats, and something else; made for no video."""
    folder = tmp_path / "photos"
    folder.mkdir()
    write_picture(folder / "beach.jpg", 1)
    cv2.imwrite(str(folder / "Tower 2.png"), cv2.resize(texture(2), (40, 90)))
    cv2.imwrite(str(folder / "a wide one.webp"), cv2.resize(texture(3), (120, 40)))
    (folder / "notes.txt").write_text("not a picture")
    write_picture(tmp_path / "style.png", 9)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("vidstyle.batch.done._weights", lambda settings: "w" * 64)
    return folder


class Painted:
    """Runs `stylize_pictures` with a painter that inverts, and counts what it paints."""

    def __init__(self) -> None:
        self.pictures = 0

    def __call__(self, **options: object) -> list[End]:
        executor = InProcess(make_painter=painting(self._count))
        outcomes = stylize_pictures(
            "photos", "style.png", "painted", quality="draft", executor=executor, **options
        )
        return [outcome.end for outcome in outcomes]

    def _count(self, _: object) -> None:
        self.pictures += 1


@pytest.fixture
def paint() -> Painted:
    return Painted()


def test_each_picture_keeps_its_name_and_its_size(photos: Path, paint: Painted) -> None:
    assert paint() == [End.DONE] * 3
    for source in photos.iterdir():
        if source.suffix != ".txt":
            before, after = read_picture(source).bytes(), read_picture(Path("painted", source.name)).bytes()
            assert np.abs(before.astype(int) + after - 255).mean() < 3  # of JPEG's making
    assert len(list(Path("painted").iterdir())) == 3


def test_what_is_done_is_not_done_again(photos: Path, paint: Painted) -> None:
    (photos / "a wide one.webp").unlink()  # it cannot tell how it was made
    paint()
    write_picture(photos / "new.png", 4)
    assert sorted(end.value for end in paint()) == ["done", "done before", "done before"]
    assert paint.pictures == 3


def test_pictures_made_otherwise_are_not_replaced_unasked(photos: Path, paint: Painted) -> None:
    paint()
    with pytest.raises(OutputError, match=r"painted: holds .*beach\.jpg.* already, made in another way"):
        paint(strength=0.5)
    assert paint(strength=0.5, skip_existing=True) == [End.SKIPPED] * 3
    assert paint.pictures == 3
    assert paint(strength=0.5, overwrite=True) == [End.DONE] * 3


def test_a_picture_that_cannot_be_read_fails_alone(photos: Path, paint: Painted) -> None:
    whole = (photos / "beach.jpg").read_bytes()
    (photos / "beach.jpg").write_bytes(whole[:20])
    with pytest.raises(BatchError, match=r"photos: beach\.jpg of 3 pictures") as caught:
        paint()
    assert caught.value.exit_code == 6
    assert sorted(path.name for path in Path("painted").iterdir()) == ["Tower 2.png", "a wide one.webp"]
    (photos / "beach.jpg").write_bytes(whole)
    assert End.DONE in paint(skip_existing=True)
    assert paint.pictures == 3


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        ({"loop": True}, SettingsError, "loop: means nothing for a picture"),
        ({"schedule": Schedule((Keyframe(at=0, strength=1),))}, SettingsError, "schedule: means nothing"),
        ({"size": 20}, SettingsError, "size: would be"),
    ],
)
def test_what_is_wrong_with_all_of_them_is_told_before_the_first(
    photos: Path, paint: Painted, options: dict[str, object], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        paint(**options)
    assert paint.pictures == 0


def test_a_missing_style_or_folder_is_told_before_the_first(photos: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.jpg"):
        stylize_pictures("photos", "nothing.jpg", "painted")
    with pytest.raises(OutputError, match="no/such: cannot be made"):
        stylize_pictures("photos", "style.png", "no/such")
    (photos / "empty").mkdir()
    with pytest.raises(InputError, match="is a folder without pictures"):
        stylize_pictures("photos/empty", "style.png", "painted")


def test_a_video_of_the_same_pictures_has_a_file_as_its_output(photos: Path) -> None:
    assert are_stills(photos, Path("painted"))
    assert are_stills(photos / "*.png", photos)
    assert not are_stills(photos, Path("film.mp4"))
    assert not are_stills(photos, Path("painted_%04d.png"))
    assert not are_stills(photos / "beach.jpg", Path("painted"))
