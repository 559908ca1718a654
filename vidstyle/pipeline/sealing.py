"""Close what is painted in a thread, while the next segment is painted: encoders end after their frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from vidstyle.pipeline.events import Event, SegmentClosed
from vidstyle.pipeline.profile import Profile, spent
from vidstyle.pipeline.segments import Segment, Shelf


class Sealing:
    """Seals one segment at a time behind the painter's back; use it as a context manager.

    Leaving the context waits for the last one, even by an exception: what was painted is not lost.

    Args:
        shelf: keeps the segments, once they are whole.
        profile: told how long the painter waits.
    """

    def __init__(self, shelf: Shelf, profile: Profile | None = None) -> None:
        self._shelf, self._profile = shelf, profile
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vidstyle-seal")
        self._pending: Future[Segment] | None = None
        self._frames = 0

    def __enter__(self) -> Sealing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)

    def frames(self) -> int:
        """How many frames are on the shelf or on their way to it."""
        return self._shelf.frames() + self._frames

    def begin(self, close: Callable[[], Segment], frames: int) -> Iterator[Event]:
        """Seal a segment, after the one before.

        Args:
            close: does it, in the thread.
            frames: of the segment.
        """
        yield from self.end()
        self._pending, self._frames = self._pool.submit(close), frames

    def told(self) -> Iterator[Event]:
        """Keep the last segment if it is whole by now; raises as `end` does."""
        if self._pending is not None and self._pending.done():
            yield from self.end()

    def end(self) -> Iterator[Event]:
        """Wait until the last segment is whole, and keep it.

        Raises:
            Exception: whatever was raised while it was closed.
        """
        if self._pending is None:
            return
        pending, self._pending = self._pending, None
        with spent(self._profile, "solve", "waits for room"):
            segment = pending.result()
        self._shelf.keep(segment)
        self._frames = 0
        yield SegmentClosed(segment.number, segment.first, len(segment.pts))
