"""Who carries out the orders of a fleet's driver, wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from typing import Protocol

from vidstyle.batch.fleet_orders import Message, Order
from vidstyle.batch.fleet_worker import Worker
from vidstyle.errors import WorkerError
from vidstyle.pipeline import MakePainter


@dataclass(frozen=True)
class Ended:
    """The worker has said all that it had to say of its order."""


@dataclass(frozen=True)
class Lost:
    """The worker is gone, and its order with it; another may take its place.

    Attributes:
        error: what happened.
    """

    error: WorkerError


class Crew(Protocol):
    """Workers with numbers from 0; each has one order at a time."""

    def idle(self) -> Collection[int]:
        """Those that wait for an order."""
        ...

    def give(self, worker: int, order: Order) -> None:
        """Let an idle worker carry out an order."""
        ...

    def hear(self, patience: float | None = None) -> list[tuple[int, Message | Ended | Lost]]:
        """Wait until some worker says something or a worker comes back.

        Args:
            patience: seconds after which to give up; None waits for as long as it takes.

        Returns:
            Who says what; empty where only a worker came back, or nothing was said.
        """
        ...

    def refresh(self, worker: int) -> None:
        """Replace a worker whose device has failed."""
        ...

    def close(self) -> None:
        """End all workers, whatever they do."""
        ...


class Here:
    """One worker, in this very process; fulfils `Crew`.

    Args:
        make: makes what makes painters.
    """

    def __init__(self, make: Callable[[], MakePainter]) -> None:
        self._make, self._worker = make, Worker(make)
        self._doing: Generator[Message, None, None] | None = None

    def idle(self) -> Collection[int]:
        """See `Crew.idle`."""
        return [0] if self._doing is None else []

    def give(self, worker: int, order: Order) -> None:
        """See `Crew.give`."""
        self._doing = self._worker.work(order)

    def hear(self, patience: float | None = None) -> list[tuple[int, Message | Ended | Lost]]:
        """See `Crew.hear`."""
        if self._doing is None:
            return []
        message = next(self._doing, None)
        if message is None:
            self._doing = None
            return [(0, Ended())]
        return [(0, message)]

    def refresh(self, worker: int) -> None:
        """See `Crew.refresh`."""
        self._worker = Worker(self._make)

    def close(self) -> None:
        """See `Crew.close`."""
        if self._doing is not None:
            self._doing.close()
