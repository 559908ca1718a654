"""How long a thread may keep Python's lock while another waits for it."""

from __future__ import annotations

import sys

LONGEST_TURN = 5e-4  # seconds; Python's own are ten times as long


def take_short_turns() -> None:
    """Let threads hand over the lock sooner: for a painter that gives a graphics card its work.

    A step is hundreds of operations that take the card microseconds each. The thread that begins them
    loses the lock whenever it lets go of it, to decoding, flow or encoding, for a whole turn; meanwhile the
    card idles. Beside a processor that paints, turns do not matter, and stay as they are.
    """
    if sys.getswitchinterval() > LONGEST_TURN:
        sys.setswitchinterval(LONGEST_TURN)
