"""A live picture: capture, paint and send off in threads of their own; only the newest frame goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType

import cv2

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media import VideoShape
from vidstyle.media.capture import Captured, Clock, ToSize, capture
from vidstyle.media.live_source import LiveSource
from vidstyle.motion import quick_motion
from vidstyle.pipeline.events import Notice
from vidstyle.pipeline.lanes import Lanes
from vidstyle.pipeline.latest import Latest
from vidstyle.pipeline.outlet import MakeSink, Outlet
from vidstyle.pipeline.tally import Tally
from vidstyle.synthesis.stylizer import Stylizer

AGAIN = 1.0
"""Seconds between two attempts to open a source that was lost."""

IDLE = 0.1
"""Seconds after which a thread that waits looks around."""

CLOSING = 30.0
"""Seconds that encoders get to close their files at the end."""


@dataclass(frozen=True, eq=False)
class LivePicture:
    """A frame on its way to the screen.

    Attributes:
        painted: what to show.
        source: what it was painted from, of the same size.
        arrived: when it was captured, seconds of `time.monotonic`.
    """

    painted: Frame
    source: Frame
    arrived: float


@dataclass(frozen=True, eq=False)
class _Timed:
    captured: Captured
    pts: int
    time_base: Fraction


class LiveSession:
    """Captures, paints and sends off while it is entered; the thread that entered it takes pictures.

    Example:
        with LiveSession(camera("0"), stylizer, size=lambda whole: (360, 640)) as session:
            while not session.ended:
                picture = session.newest(0.02)
                ...

    Args:
        source: where frames come from. A file is played in real time.
        stylizer: paints them.
        size: (height, width) to paint at, of the (height, width) of the first frame; even sides.
        most_rate: frames a second above which frames are left out; None takes all.
        retry: seconds for which a camera or stream that was lost is tried again.

    Attributes:
        tally: counts and latencies.
        paused: while set, nothing is painted.
        shape: of the painted frames, once there are some.
    """

    def __init__(
        self,
        source: LiveSource,
        stylizer: Stylizer,
        *,
        size: Callable[[tuple[int, int]], tuple[int, int]],
        most_rate: float | None = None,
        retry: float = 60.0,
    ) -> None:
        self.source, self.tally, self.paused = source, Tally(), False
        self.shape: VideoShape | None = None
        self._stylizer, self._size, self._most_rate, self._retry = stylizer, size, most_rate, retry
        self._captured: Latest[_Timed] = Latest()
        self._pictures: Latest[LivePicture] = Latest()
        self._outlets: tuple[Outlet, ...] = ()
        self._finishing: list[Outlet] = []
        self._notices: SimpleQueue[Notice] = SimpleQueue()
        self._stopped, self._lost = threading.Event(), threading.Event()
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=work, name=f"vidstyle-{name}", daemon=True)
            for name, work in {
                "capture": (self._capture, self._captured),
                "paint": (self._paint, self._pictures),
            }.items()
        ]

    def __enter__(self) -> LiveSession:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        # A capture that waits for a packet cannot be interrupted: it is left behind.
        for thread in self._threads:
            thread.join(1.0 if thread is self._threads[0] else CLOSING)
        for outlet in self._outlets:
            outlet.finish()
        for outlet in (*self._outlets, *self._finishing):
            outlet.join(CLOSING)
        if error is None:
            self.check()

    def stop(self) -> None:
        """End, as if the source had ended."""
        self._stopped.set()
        self._captured.close()

    @property
    def ended(self) -> bool:
        """Every picture was painted and taken; raises what went wrong, if anything did."""
        self.check()
        return self._pictures.done

    def check(self) -> None:
        """Raise what went wrong in a thread.

        Raises:
            VidstyleError: the source, the network or an output failed.
            BrokenPipeError: whoever read standard output went away.
        """
        if self._error is not None:
            raise self._error
        for outlet in (*self._outlets, *self._finishing):
            if outlet.error is not None:
                raise outlet.error

    def newest(self, patience: float) -> LivePicture | None:
        """The newest picture that was not taken yet, waited for up to so many seconds."""
        return self._pictures.take(patience)

    def shown(self, picture: LivePicture) -> None:
        """Count the latency of a picture that the window shows."""
        self.tally.out("window", time.monotonic() - picture.arrived)

    def notices(self) -> Iterator[Notice]:
        """What the user should know since the last time."""
        while True:
            try:
                yield self._notices.get_nowait()
            except Empty:
                return

    def send_to(self, name: str, make: MakeSink) -> Outlet:
        """Send each painted frame from now on to a sink of its own."""
        outlet = Outlet(name, make, self.tally)
        self._outlets = (*self._outlets, outlet)
        return outlet

    def stop_sending(self, outlet: Outlet) -> None:
        """Close an outlet, without waiting for it."""
        self._outlets = tuple(other for other in self._outlets if other is not outlet)
        self._finishing.append(outlet)
        outlet.finish()

    def _guarded(self, work: Callable[[], None], target: Latest[object]) -> None:
        try:
            work()
        except BaseException as error:  # raised again in the thread that asks for pictures
            self._error = self._error or error
            self.stop()
        finally:
            target.close()

    def _capture(self) -> None:
        clock, tried_until, seen = Clock(), 0.0, False
        while not self._stopped.is_set():
            error: InputError | None = None
            try:
                for number, timed in enumerate(self._timed(clock)):
                    if seen and number == 0:
                        self._notices.put(Notice(f"{self.source.name} is back."))
                    seen, tried_until = True, 0.0
                    if self._captured.put(timed) and not self.paused:
                        self.tally.drop()
            except InputError as lost:
                error = lost
            if self._stopped.is_set():
                return
            if not seen:
                raise error or InputError(
                    "ended before its first picture", where=self.source.name, hint="Check what it sends."
                )
            if not self.source.comes_back:
                if error is not None:
                    raise error
                return
            if not tried_until:
                tried_until = time.monotonic() + self._retry
                self._lost.set()
                self._notices.put(Notice(f"{self.source.name} was lost; trying again."))
            elif time.monotonic() > tried_until:
                raise InputError(
                    f"was lost and did not come back within {self._retry:g} s",
                    where=self.source.name,
                    hint="Check that it is still there.",
                )
            self._stopped.wait(AGAIN)
            clock.restart()

    def _timed(self, clock: Clock) -> Iterator[_Timed]:
        """The source's frames with their times; those of a file when their time has come."""
        began: float | None = None
        due = 0.0
        with closing(capture(self.source)) as frames:
            for captured in frames:
                if self._stopped.is_set():
                    return
                pts = clock.ticks(captured)
                seconds = float(pts * clock.time_base)
                if self._most_rate is not None:
                    # A little early is on time: cameras jitter.
                    if seconds < due - 0.25 / self._most_rate:
                        continue
                    due = max(due + 1 / self._most_rate, seconds)
                if self.source.kind == "file":
                    began = time.monotonic() - seconds if began is None else began
                    self._stopped.wait(max(0.0, began + seconds - time.monotonic()))
                    captured = captured.now()
                yield _Timed(captured, pts, clock.time_base)

    def _paint(self) -> None:
        # The flow of small pictures gains little from threads, and of few cores the network needs all.
        cv2.setNumThreads(max(1, cv2.getNumberOfCPUs() // 4))
        with Lanes(self._stylizer) as lanes:
            self._paint_along(lanes)

    def _paint_along(self, lanes: Lanes) -> None:
        fit: ToSize | None = None
        previous: Frame | None = None
        index = 0
        while not self._captured.done:
            lanes.wait()
            asked = time.monotonic()
            timed = self._captured.take(IDLE)
            if timed is None:
                if self._lost.is_set():
                    self._lost.clear()
                    lanes.wait(empty=True)
                    for outlet in self._outlets:
                        outlet.cut()
                continue
            if self.paused:
                continue
            if fit is None or self.shape is None:
                self.shape = self._shape(timed)
                fit = ToSize((self.shape.height, self.shape.width))
            frame = Frame(fit(timed.captured), timed.pts, timed.time_base, index)
            motion = None if previous is None else quick_motion(previous, frame)
            arrived = timed.captured.arrived
            deliver = partial(self._deliver, frame, self.shape, arrived)
            lanes.paint(frame, motion, deliver, late=arrived < asked)
            previous, index = frame, index + 1

    def _deliver(self, frame: Frame, shape: VideoShape, arrived: float, painted: Frame) -> None:
        self.tally.paint()
        for outlet in self._outlets:
            outlet.offer(painted, shape, arrived)
        self._pictures.put(LivePicture(painted, frame, arrived))

    def _shape(self, timed: _Timed) -> VideoShape:
        height, width = self._size(timed.captured.size)
        rate = timed.captured.rate
        if self._most_rate is not None:
            rate = min(rate, Fraction(self._most_rate).limit_denominator(1001))
        return VideoShape(width, height, time_base=timed.time_base, rate=rate)
