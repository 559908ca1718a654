"""A fleet's workers as Ray actors, on whichever machines the cluster has."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

from vidstyle.batch.fleet_crew import Ended, Lost
from vidstyle.batch.fleet_orders import Message, Order
from vidstyle.batch.fleet_worker import Worker
from vidstyle.errors import WorkerError
from vidstyle.pipeline import MakePainter

PATIENCE = 300.0
"""Seconds without any worker after which the batch ends: clusters take minutes to start a machine."""

GROWTH = 10.0  # seconds between looks at whether the cluster has grown

LOOK = 2.0  # seconds that one wait lasts at most


class RayCrew:
    """Actors that hold the networks, one order at a time each; fulfils `Crew`.

    Ray restarts an actor whose process or machine has died as soon as there is room for it. Its order
    is not Ray's to repeat (`max_task_retries` is 0): the driver hears that it is lost and gives what is
    missing of it to any worker, for the lost machine may not come back.

    Args:
        ray: the module, connected.
        make: makes, in each actor, what makes painters.
        workers: how many; None takes as many as the cluster has room for, also when it grows.
        cpus: cores of each.
        gpus: GPUs of each, fractions too; None is one where the cluster has any.
    """

    def __init__(
        self,
        ray: Any,
        make: Callable[[], MakePainter],
        *,
        workers: int | None = None,
        cpus: int = 1,
        gpus: float | None = None,
    ) -> None:
        self._ray, self._make, self._workers, self._cpus = ray, make, workers, cpus
        self._gpus = gpus if gpus is not None else float(ray.cluster_resources().get("GPU", 0) > 0)
        self._actors: dict[int, Any] = {}
        self._coming: dict[int, Any] = {}  # what each actor that starts or restarts answers first
        self._doing: dict[int, Any] = {}
        self._looked = self._alive = time.monotonic()
        self._grow()

    def idle(self) -> Collection[int]:
        """See `Crew.idle`."""
        return [n for n in self._actors if n not in self._coming and n not in self._doing]

    def give(self, worker: int, order: Order) -> None:
        """See `Crew.give`."""
        self._doing[worker] = self._actors[worker].work.options(num_returns="streaming").remote(order)

    def hear(self, patience: float | None = None) -> list[tuple[int, Message | Ended | Lost]]:
        """See `Crew.hear`; returns after a few seconds in any case.

        Raises:
            WorkerError: there has been no worker for minutes.
        """
        now = time.monotonic()
        if len(self._coming) < len(self._actors):
            self._alive = now
        elif now - self._alive > PATIENCE:
            raise WorkerError(
                f"no worker has come for {PATIENCE:g} s", where="--ray", hint="See what `ray status` says."
            )
        if now - self._looked > GROWTH:
            self._grow()
        awaited = {wait: worker for work in (self._coming, self._doing) for worker, wait in work.items()}
        if not awaited:
            return []
        timeout = LOOK if patience is None else min(patience, LOOK)
        ready, _ = self._ray.wait(list(awaited), num_returns=len(awaited), timeout=0)
        if not ready:
            ready, _ = self._ray.wait(list(awaited), num_returns=1, timeout=timeout)
        said = [(awaited[wait], self._take(awaited[wait])) for wait in ready]
        return [(worker, message) for worker, message in said if message is not None]

    def refresh(self, worker: int) -> None:
        """See `Crew.refresh`."""
        self._doing.pop(worker, None)
        self._ray.kill(self._actors[worker], no_restart=False)
        self._await(worker)

    def close(self) -> None:
        """See `Crew.close`."""
        for actor in self._actors.values():
            self._ray.kill(actor)
        self._actors.clear()

    def _take(self, worker: int) -> Message | Ended | Lost | None:
        """What a worker says; None if it has only come."""
        try:
            if worker in self._coming:
                self._ray.get(self._coming.pop(worker))
                return None
            message: Message = self._ray.get(next(self._doing[worker]))
        except StopIteration:
            del self._doing[worker]
            return Ended()
        except self._ray.exceptions.RayError as error:
            lost = self._doing.pop(worker, None) is not None
            self._await(worker)
            return Lost(_death(error)) if lost else None
        return message

    def _grow(self) -> None:
        self._looked = time.monotonic()
        there = self._ray.cluster_resources()
        room = there.get("GPU", 0) / self._gpus if self._gpus else there.get("CPU", 0) / self._cpus
        wanted = int(room + 1e-6) if self._workers is None else self._workers
        for number in range(len(self._actors), wanted):
            # Restarts and retries are 0 unless set.
            self._actors[number] = (
                self._ray.remote(Worker)
                .options(
                    num_cpus=self._cpus,
                    num_gpus=self._gpus,
                    max_restarts=-1,
                    max_task_retries=0,
                    scheduling_strategy="SPREAD",
                )
                .remote(self._make, self._cpus)
            )
            self._await(number)

    def _await(self, worker: int) -> None:
        self._coming[worker] = self._actors[worker].ready.options(max_task_retries=-1).remote()


def _death(error: Exception) -> WorkerError:
    """Why a worker's answer did not come."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[0].rstrip(".") if lines else type(error).__name__
    return WorkerError(f"the worker that painted it is lost: {reason}", where="Ray")
