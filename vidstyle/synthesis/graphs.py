"""CUDA graphs: some hundred small operations, launched as one.

What is done to a small picture takes a graphics card less time than Python takes to launch it. A graph keeps
the operations and the places of the tensors that they read and write; before it is used for another frame,
the frame's tensors are copied there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ParamSpec, TypeVar, cast

import torch
from torch import Tensor

from vidstyle.synthesis.solver import Descent, Loss

MOST = 20  # graphs: three sizes for first frames, as many for later ones, with and without young parts
WARMING_UP = 2  # runs before a capture, in which libraries choose what they compute with

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class _Captured:
    """Some work that was captured.

    Attributes:
        things: of its own, that it was captured with.
        tensors: all tensors in them.
        graph: the work.
        made: what it gave; each replay writes it anew.
    """

    things: tuple[Any, ...]
    tensors: list[Tensor]
    graph: torch.cuda.CUDAGraph
    made: Any

    def replayed(self) -> Any:
        self.graph.replay()
        return _mapped(self.made, torch.clone)


class Graphs:
    """Does work on tensors that it has seen before as a graph; a `solver.Hastening` too.

    Work is the same if the function is, and the things that it works on are made of the same constants, and
    of tensors of the same sizes; it is captured when it is seen for the second time. The function must not
    wait for the device. Where memory is too short for graphs, there are none.
    """

    def __init__(self) -> None:
        self._captured: OrderedDict[Hashable, _Captured | None] = OrderedDict()
        self._pool: Any = None
        self._short = False

    def call(self, work: Callable[Given, Made], *things: Given.args, **none: Given.kwargs) -> Made:
        """What the work gives."""
        captured = self._set(work, things)
        return work(*things, **none) if captured is None else cast(Made, captured.replayed())

    def __call__(self, descent: Descent, loss: Loss) -> tuple[Descent, Callable[[], Tensor]] | None:
        """The descent of a graph, set to this one's place, and what does its step."""
        captured = self._set(Descent.step, (descent, loss))
        return None if captured is None else (captured.things[0], captured.replayed)

    def _set(self, work: Callable[..., Any], things: tuple[Any, ...]) -> _Captured | None:
        """The graph of some work, with the tensors of these things in place of its own."""
        if self._short:
            return None
        key = work, _kind_of(things)
        if key not in self._captured:
            self._captured[key] = None
            if len(self._captured) > MOST:
                self._captured.popitem(last=False)
            return None
        self._captured.move_to_end(key)
        captured = self._captured[key] or self._capture(work, things)
        self._captured[key] = captured
        for place, tensor in zip(captured.tensors, _tensors_in(things), strict=True):
            place.copy_(tensor)
        return captured

    def _capture(self, work: Callable[..., Any], things: tuple[Any, ...]) -> _Captured:
        own = _mapped(things, torch.clone)
        try:
            here, aside = torch.cuda.current_stream(), torch.cuda.Stream()
            aside.wait_stream(here)
            with torch.cuda.stream(aside):
                for _ in range(WARMING_UP):
                    work(*own)
            here.wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            # One pool: no two graphs run at once, and what they give is copied before the next one runs.
            self._pool = self._pool or torch.cuda.graph_pool_handle()
            with torch.cuda.graph(graph, pool=self._pool):
                made = work(*own)
        except torch.OutOfMemoryError:
            self._captured.clear()
            self._short = True
            raise
        return _Captured(own, _tensors_in(own), graph, made)


def _kind_of(thing: Any) -> Hashable:
    """What two things made of dataclasses, tuples and tensors must have in common to share a graph."""
    if isinstance(thing, Tensor):
        return thing.shape, thing.stride(), thing.dtype, thing.device
    if isinstance(thing, tuple):
        return tuple(_kind_of(part) for part in thing)
    if _is_made_of_parts(thing):
        return type(thing), tuple(_kind_of(getattr(thing, field.name)) for field in fields(thing))
    return cast(Hashable, thing)


def _tensors_in(thing: Any) -> list[Tensor]:
    """All tensors of a thing, in the order of its parts."""
    found: list[Tensor] = []

    def note(tensor: Tensor) -> Tensor:
        found.append(tensor)
        return tensor

    _mapped(thing, note)
    return found


def _mapped(thing: Any, make: Callable[[Tensor], Tensor]) -> Any:
    """The thing with what `make` makes of each tensor in its place."""
    if isinstance(thing, Tensor):
        return make(thing)
    if isinstance(thing, tuple):
        parts = tuple(_mapped(part, make) for part in thing)
        return thing if all(new is old for new, old in zip(parts, thing, strict=True)) else parts
    if not _is_made_of_parts(thing):
        return thing
    own = {field.name: getattr(thing, field.name) for field in fields(thing)}
    new = {name: _mapped(part, make) for name, part in own.items()}
    return thing if all(new[name] is own[name] for name in own) else replace(thing, **new)


def _is_made_of_parts(thing: Any) -> bool:
    return is_dataclass(thing) and not isinstance(thing, type)
