"""Frames of a live picture painted one after another, or several at once where that keeps up better.

A small network gains little from a second core, and what stands around it nothing at all: two frames at
once, each on a core of its own, take hardly longer than one, and are through in little more than half the
time. One alone is there sooner, though. So it is one after another while the source leaves the time, and
several at once while it does not. Before a graphics card, which has one queue, two lanes keep that filled
while the pictures before are taken off it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

from vidstyle.frames import Frame, Motion
from vidstyle.synthesis.stylizer import Stylizer

MOST = 4  # lanes, `LAG` or fewer; of many cores the network makes use one frame after another as well
MOST_ON_A_CARD = 2
MEMORY = 16  # frames over which it is told whether they come too fast
ENTER, LEAVE = 0.75, 0.25  # share of them above which several are painted at once, below which no longer
LONGEST = 0.1  # seconds that a frame may take for this: several at once delay each by a third or more

Done = Callable[[Frame], None]


@runtime_checkable
class Apart(Protocol):
    """A stylizer that paints frames apart from each other and joins them in their order: `LiveStylizer`."""

    device: Any

    def begin(self, frame: Frame, motion: Motion | None) -> Any:
        """What painting takes; in the frames' order."""
        ...

    def paint(self, begun: Any) -> Any:
        """The long part, for any thread."""
        ...

    def finish(self, begun: Any, painted: Any) -> Frame:
        """The picture; in the frames' order."""
        ...


@dataclass(eq=False)
class _Flying:
    """A frame in a lane: when its turn comes to be finished, and when it is over."""

    begun: Any
    done: Done
    turn: threading.Event
    over: threading.Event


class Lanes:
    """Paints frames for the thread that enters it, one or several at once, and hands them on in their order.

    Args:
        stylizer: paints them; one that cannot paint frames apart has one lane.
    """

    def __init__(self, stylizer: Stylizer) -> None:
        self._stylizer = stylizer
        self._apart = _apart(stylizer)
        self._most = 1 if self._apart is None else _most(self._apart.device)
        self._pool: ThreadPoolExecutor | None = None
        self._changed = threading.Condition()
        self._flying = 0
        self._last = threading.Event()
        self._last.set()
        self._error: BaseException | None = None
        self._level = self._spent = 0.0
        self._several = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        if kind is None and self._error is not None:
            raise self._error

    def wait(self, *, empty: bool = False) -> None:
        """Until there is room for another frame, or none is left in a lane; raises what failed in one."""
        most = self._most if self._several and not empty else 1
        with self._changed:
            self._changed.wait_for(lambda: self._flying < most)
        if self._error is not None:
            raise self._error

    def paint(self, frame: Frame, motion: Motion | None, done: Done, *, late: bool) -> None:
        """Paint a frame, after `wait`.

        Args:
            frame: as it was filmed.
            motion: from the frame before; None for the first one.
            done: called with the picture: before this returns, or later, by another thread.
            late: whether the frame had to wait for this.
        """
        if self._apart is not None and self._most > 1 and self._hurry(late):
            self._fly(self._apart, frame, motion, done)
            return
        began = time.monotonic()
        done(self._stylizer.start(frame) if motion is None else self._stylizer.next(frame, motion))
        self._spent += (time.monotonic() - began - self._spent) / MEMORY

    def _hurry(self, late: bool) -> bool:
        """Whether this frame goes into a lane of its own."""
        crowded = self._flying > 0 if self._several else late and self._spent < LONGEST
        self._level += (crowded - self._level) / MEMORY
        self._several = self._level > (LEAVE if self._several else ENTER)
        return self._several or self._flying > 0

    def _fly(self, stylizer: Apart, frame: Frame, motion: Motion | None, done: Done) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most + 1, "vidstyle-lane", initializer=_one_thread)
        # Not by this thread: the helpers that it computes with stay awake for a while, on the lanes' cores.
        begun = self._pool.submit(stylizer.begin, frame, motion).result()
        flying = _Flying(begun, done, self._last, threading.Event())
        with self._changed:
            self._flying += 1
        self._last = flying.over
        self._pool.submit(self._through, stylizer, flying)

    def _through(self, stylizer: Apart, flying: _Flying) -> None:
        try:
            painted = stylizer.paint(flying.begun)
            flying.turn.wait()
            if self._error is None:
                flying.done(stylizer.finish(flying.begun, painted))
        except BaseException as error:  # raised again in the thread that asks for room
            self._error = self._error or error
        finally:
            flying.over.set()
            with self._changed:
                self._flying -= 1
                self._changed.notify()


def _apart(stylizer: Stylizer) -> Apart | None:
    """The stylizer as what paints frames apart, where lanes were seen to be of use."""
    return stylizer if isinstance(stylizer, Apart) and stylizer.device.type in ("cpu", "cuda") else None


def _most(device: Any) -> int:
    import torch

    return MOST_ON_A_CARD if device.type == "cuda" else min(torch.get_num_threads(), MOST)


def _one_thread() -> None:
    """Let torch compute with this thread alone; in all others with as many as before."""
    import torch

    threads = torch.get_num_threads()  # asked first: a thread takes the usual number when it first computes
    torch.set_num_threads(1)
    # What was set last holds for threads to come as well.
    others = threading.Thread(target=torch.set_num_threads, args=(threads,))
    others.start()
    others.join()
