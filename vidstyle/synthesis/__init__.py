"""One frame at a time, painted by optimisation of perceptual losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vidstyle.synthesis.stylizer import State, StylePicture, Stylizer

if TYPE_CHECKING:
    from vidstyle.synthesis.optimiser import OptimisingStylizer

__all__ = ["OptimisingStylizer", "State", "StylePicture", "Stylizer"]


def __getattr__(name: str) -> Any:
    # torch takes seconds to import, and a job with bad input is refused without it.
    if name == "OptimisingStylizer":
        from vidstyle.synthesis.optimiser import OptimisingStylizer

        return OptimisingStylizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
