"""Work that leaves no threads behind, so that the painting thread's own stay quick."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_passing(work: Callable[[], T]) -> T:
    """What `work` gives, done in a thread that ends with it.

    A thread that computes with torch keeps helpers for the rest of its life, as many as there are cores.
    Once two threads of a process have some, GNU OpenMP counts more helpers than cores, and from then on
    lets all of them sleep between two steps: a frame is a hundred steps, and waking costs a fifth of its
    time.
    """
    with ThreadPoolExecutor(1, thread_name_prefix=threading.current_thread().name) as passing:
        return passing.submit(work).result()
