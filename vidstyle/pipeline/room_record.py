"""The memory that a render began with, kept in its state folder: it goes on to the same pixels.

Frames that are painted in tiles differ by rounding from those that are painted whole. What decides
between them is how much memory is free, and that another run must not find different by chance.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vidstyle.media.atomic import write_bytes
from vidstyle.pipeline.events import Event, Notice

if TYPE_CHECKING:  # torch takes seconds to import
    from vidstyle.synthesis.room import Room

NAME = "room"  # holds a number, bytes

Result = TypeVar("Result")


def in_kept_room(
    events: Generator[Event, None, Result], room: Room | None, folder: Path
) -> Generator[Event, None, Result]:
    """The events of a render whose painter takes the room that an earlier run had.

    Args:
        events: of the render, not yet begun.
        room: of the painter; None where it has none.
        folder: the render's state folder.

    Yields:
        The events, and a `Notice` before them whenever frames begin to be painted in other tiles.

    Raises:
        OutputError: the record cannot be written.
    """
    if room is None:
        return (yield from events)
    kept = _read(folder / NAME)
    room.begin(kept)
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                result: Result = end.value
                return result
            # Before any segment closes: a segment's pixels never lie there without what they hang on.
            if room.free != kept:
                kept = room.free
                write_bytes(folder / NAME, str(kept).encode())
            yield from room_notices(room)
            yield event


def room_notices(room: Room | None) -> Iterator[Notice]:
    """What a room has decided since the last time, for the user."""
    while room is not None and room.notes:
        yield Notice(room.notes.pop(0))


def _read(record: Path) -> int | None:
    """Bytes; None if there is no record, or a damaged one: it vouches for nothing but equal rounding."""
    try:
        return int(record.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
