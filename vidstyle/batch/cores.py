"""The machine's cores and GPUs, and a fair share of them for each worker."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

# Read by OpenMP, which torch computes with, and by the BLAS libraries, when they are loaded.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Share:
    """What one worker may use.

    Attributes:
        cores: how many it owns, at least 1.
        gpu: number of the only GPU that it sees; None leaves all as they are.
    """

    cores: int
    gpu: int | None = None


def core_count() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shares(workers: int, cores: int, gpus: int = 0) -> list[Share]:
    """One share a worker: cores divided evenly, GPUs in turn.

    Two workers with two threads each on two cores are ten times slower than one alone: no core is
    given twice unless there are more workers than cores.
    """
    each, left = divmod(cores, workers)
    return [
        Share(max(1, each + (worker < left)), worker % gpus if gpus else None) for worker in range(workers)
    ]


@contextmanager
def environment_of(share: Share) -> Iterator[None]:
    """The environment that a worker's process is to be started in: libraries read it while they load."""
    wanted = dict.fromkeys(_THREADS, str(share.cores))
    if share.gpu is not None:
        wanted["CUDA_VISIBLE_DEVICES"] = _visible(share.gpu, os.environ)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def use(share: Share) -> None:
    """Keep this process to its share."""
    import cv2
    import torch

    torch.set_num_threads(share.cores)
    cv2.setNumThreads(share.cores)


def _visible(gpu: int, environment: Mapping[str, str]) -> str:
    """The name of the nth GPU among those that the user lets vidstyle see."""
    listed = environment.get("CUDA_VISIBLE_DEVICES")
    names = listed.split(",") if listed else []
    return names[gpu].strip() if gpu < len(names) else str(gpu)
