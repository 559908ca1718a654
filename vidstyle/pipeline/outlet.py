"""One way out of a live picture, in a thread of its own: it may be slow, the picture never waits for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from vidstyle.frames import Frame
from vidstyle.media import VideoShape
from vidstyle.pipeline.tally import Tally

ROOM = 8
"""Frames that may wait for an encoder: enough for the hiccup of a keyframe, a quarter of a second."""


class Sink(Protocol):
    """Takes frames one after the other."""

    def add(self, frame: Frame) -> None:
        """Take a frame."""
        ...

    def close(self) -> None:
        """No more frames come."""
        ...


MakeSink = Callable[[VideoShape], Sink]


class Outlet:
    """Hands frames to a sink in a thread; what does not fit is dropped and counted.

    Args:
        name: what it is, for messages.
        make: makes the sink when a first frame is there; again after a `cut`.
        tally: told when frames are out.

    Attributes:
        dropped: frames that found no room.
        error: what ended it.
    """

    def __init__(self, name: str, make: MakeSink, tally: Tally) -> None:
        self.name, self.dropped = name, 0
        self.error: BaseException | None = None
        self._make, self._tally = make, tally
        self._waiting: deque[tuple[Frame, VideoShape, float] | None] = deque()
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"vidstyle-{name}", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame, shape: VideoShape, arrived: float) -> None:
        """Pass a frame on, unless too many wait already."""
        with self._changed:
            if self._ended or self.error is not None:
                return
            if len(self._waiting) >= ROOM:
                self.dropped += 1
                return
            self._waiting.append((frame, shape, arrived))
            self._changed.notify()

    def cut(self) -> None:
        """Close the sink once what waits is through; the next frame begins another."""
        with self._changed:
            self._waiting.append(None)
            self._changed.notify()

    def finish(self) -> None:
        """Take no more frames, and close once what waits is through."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def join(self, patience: float | None = None) -> bool:
        """Wait for the end after `finish`; says whether it came."""
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _run(self) -> None:
        sink: Sink | None = None
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting or self._ended)
                    if not self._waiting:
                        break
                    item = self._waiting.popleft()
                if item is None:
                    closing, sink = sink, None
                    if closing is not None:
                        closing.close()
                    continue
                frame, shape, arrived = item
                sink = sink or self._make(shape)
                sink.add(frame)
                self._tally.out(self.name, time.monotonic() - arrived)
            if sink is not None:
                sink.close()
        except BaseException as error:  # told by the session, in the thread that asks it
            self.error = error
