"""A Ray cluster: one that runs already, or one of this machine for as long as it is needed."""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vidstyle.batch.cores import core_count
from vidstyle.errors import SettingsError, WorkerError

LOCAL = "local"

KNOCK = 10.0  # seconds that a head may take to accept a connection


def require_ray() -> None:
    """Find out whether Ray is there, without the seconds that importing it takes.

    Raises:
        SettingsError: it is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise SettingsError(
            "needs Ray, which is not installed", where="--ray", hint='Run: pip install "vidstyle[ray]"'
        )


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """The module `ray`, connected to a cluster; a connection that was there already is used and kept.

    Args:
        address: HOST:PORT of the cluster's head, "auto" for the one of this machine, or "local" to
            start one here that ends with the block.

    Raises:
        SettingsError: Ray is not installed, or the address is of Ray's old client.
        WorkerError: no cluster answers there.
    """
    require_ray()
    if address.startswith("ray://"):
        raise SettingsError(
            "is an address of Ray's client", where=address, hint="Give HOST:PORT of the cluster's head."
        )
    # Read when Ray is imported: nothing is told to anyone unless the user says so.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray: Any = importlib.import_module("ray")
    if ray.is_initialized():
        yield ray
        return
    _knock(address)
    own = {"num_cpus": core_count(), "include_dashboard": False} if address == LOCAL else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **own)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise _unreachable(address, str(error).strip().splitlines()[0]) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Find out whether anyone listens at HOST:PORT: Ray itself tries for minutes.

    Raises:
        WorkerError: nobody does.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return  # "auto" and "local"
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK).close()
    except OSError as error:
        raise _unreachable(address, error.strerror or str(error)) from error


def _unreachable(address: str, reason: str) -> WorkerError:
    return WorkerError(
        f"no Ray cluster can be joined ({reason})", where=address, hint="Start one with: ray start --head"
    )
