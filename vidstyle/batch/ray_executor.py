"""The executor that paints shots on the machines of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from vidstyle.batch.executor import Report, Task
from vidstyle.batch.fleet import Fleet
from vidstyle.batch.painters import KeptPainters
from vidstyle.batch.ray_cluster import LOCAL, connected, require_ray
from vidstyle.batch.ray_crew import RayCrew
from vidstyle.pipeline import MakePainter


class RayExecutor:
    """Paints the shots of all tasks on a Ray cluster; fulfils `Executor`.

    Orders name files, shots and frames; the machines read the sources themselves, at the same paths.
    Finished segments are copied into the state folders where a machine sees them, and otherwise come
    back as bytes: some 10 kB a frame, and some 40 bytes a pixel for each segment that its shot goes on
    after.

    Args:
        address: HOST:PORT of the cluster's head, "auto", or "local" for a cluster of this machine.
        workers: how many actors; None takes as many as the cluster has room for, also when it grows.
        cpus: cores of each.
        gpus: GPUs of each, fractions too; None is one where the cluster has any.
        max_tries: most attempts at a shot whose worker is lost or whose device fails.
        make: makes, in each actor, what makes painters; a function or class of a module.

    Raises:
        SettingsError: Ray is not installed.
    """

    def __init__(
        self,
        address: str = LOCAL,
        *,
        workers: int | None = None,
        cpus: int = 1,
        gpus: float | None = None,
        max_tries: int = 3,
        make: Callable[[], MakePainter] = KeptPainters,
    ) -> None:
        require_ray()
        self._address, self._workers, self._cpus, self._gpus = address, workers, cpus, gpus
        self._max_tries, self._make = max_tries, make

    def run(self, tasks: Iterable[Task]) -> Generator[Report, None, None]:
        """Do all tasks; see `Executor.run`.

        Raises:
            SettingsError: the address is of Ray's client.
            WorkerError: no cluster answers, or no machine of it is left.
        """
        with connected(self._address) as ray:

            def crew() -> RayCrew:
                return RayCrew(ray, self._make, workers=self._workers, cpus=self._cpus, gpus=self._gpus)

            yield from Fleet(crew, self._max_tries).run(tasks)
