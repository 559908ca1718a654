"""Memory that runs out, in whatever library it does, as one typed error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidstyle.errors import DeviceError
from vidstyle.memory import is_out_of_memory


@contextmanager
def telling_out_of_memory(where: Path) -> Iterator[None]:
    """Turn every way to run out of memory into a DeviceError about `where`.

    Raises:
        DeviceError: memory ran out.
    """
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceError(
            "ran out of memory", where=where, hint="Give a smaller size, or end other programs."
        ) from error
