from __future__ import annotations

import numpy as np
import pytest

from vidstyle.preview.layout import clock, shared
from vidstyle.preview.lettering import fitted, width_of, write
from vidstyle.preview.sheet import PAPER, Caption, Row, Sheet, drawn, shrunk

H, W = 40, 130


def flat(*color: int) -> np.ndarray:
    return np.full((H, W, 3), color, np.uint8)


def sheet(**changes: object) -> Sheet:
    """Two rows of a grey source and two coloured pictures."""
    rows = tuple(
        Row(Caption(f"0:0{n}.00"), (flat(90, 90, 90), flat(200, n, 0), flat(0, n, 200))) for n in (1, 2)
    )
    plain = {"title": "clip.mp4", "notes": (), "styles": (), "columns": (Caption("a"), Caption("b"))}
    return Sheet(**{**plain, "rows": rows, **changes})  # type: ignore[arg-type]


def box_of(canvas: np.ndarray, *color: int) -> tuple[int, int, int, int]:
    """(top, left, height, width) of what has a colour, which fills it."""
    rows, columns = np.nonzero((canvas == color).all(axis=2))
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    assert len(rows) == height * width
    return top, left, height, width


def test_every_picture_is_there_whole_in_rows_and_columns() -> None:
    canvas = drawn(sheet())
    boxes = {color: box_of(canvas, *color) for color in ((200, 1, 0), (0, 1, 200), (200, 2, 0), (0, 2, 200))}
    assert {box[2:] for box in boxes.values()} == {(H, W)}
    assert boxes[200, 1, 0][0] == boxes[0, 1, 200][0] < boxes[200, 2, 0][0]  # rows
    assert boxes[200, 1, 0][1] == boxes[200, 2, 0][1] < boxes[0, 1, 200][1]  # columns
    assert (canvas == 90).all(axis=2).sum() >= 2 * H * W  # the source, in each row


def test_captions_and_notes_take_no_room_of_pictures() -> None:
    busy = sheet(
        notes=("one", "two"),
        styles=(flat(1, 250, 1),),
        columns=(Caption("a" * 200, ("note", "more")), Caption("b", (), flat(1, 1, 250))),
    )
    canvas = drawn(busy)
    assert box_of(canvas, 200, 1, 0)[2:] == (H, W)
    assert box_of(canvas, 1, 250, 1)[2:] == shrunk(flat(0, 0, 0), 64, 128).shape[:2]
    assert box_of(canvas, 1, 1, 250)[2:] == (H, W)  # no higher than a swatch, no wider than its column


def test_a_margin_of_paper_goes_around_it() -> None:
    canvas = drawn(sheet(styles=tuple(flat(0, 250, n) for n in range(40))))  # more than fit
    for edge in (canvas[:20], canvas[-20:], canvas[:, :20], canvas[:, -20:]):
        assert (edge == PAPER).all()


def test_words_are_drawn_where_they_should_be() -> None:
    canvas = np.zeros((40, 300, 3), np.uint8)
    write(canvas, "strength 0.3", (20, 10), 17, (255, 255, 255))
    rows, columns = np.nonzero(canvas.max(axis=2) > 60)
    assert columns.min() >= 18 and columns.max() <= 20 + width_of("strength 0.3", 17) + 2
    assert rows.min() >= 8 and rows.max() <= 29


@pytest.mark.parametrize("width", [20, 60, 100, 150])
def test_long_words_are_cut_in_their_middle(width: int) -> None:
    text = "a-very-long-name-of-a-clip.mp4"
    short = fitted(text, width, 14)
    assert width_of(short, 14) <= width or short == "..."
    assert "..." in short
    assert fitted("a", width, 14) == "a"


def test_times_read_like_a_clock() -> None:
    assert [clock(seconds) for seconds in (0, 1.256, 61.5, 3723.004)] == [
        "0:00.00",
        "0:01.26",
        "1:01.50",
        "1:02:03.00",
    ]


@pytest.mark.parametrize(
    ("texts", "for_what"),
    [
        ({(0, 0): "a", (0, 1): "a"}, "sheet"),
        ({(0, 0): "a", (0, 1): "b", (1, 0): "a", (1, 1): "b"}, "column"),
        ({(0, 0): "a", (0, 1): "a", (1, 0): "b", (1, 1): "b"}, "row"),
        ({(0, 0): "a", (0, 1): "b", (1, 0): "b", (1, 1): "a"}, "cell"),
    ],
)
def test_a_price_stands_beside_all_that_it_is_the_same_for(texts: dict, for_what: str) -> None:
    assert shared(texts) == for_what
