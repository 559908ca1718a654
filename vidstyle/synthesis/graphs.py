"""Steps of the solver as CUDA graphs: some two hundred small operations, launched as one.

A step of a small picture takes a GPU less time than Python takes to launch its operations. A graph
keeps the operations and the places of the tensors that they read and write; before it is used for
another frame, the frame's tensors are copied there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor

from vidstyle.synthesis.solver import Descent, Loss

MOST = 6  # graphs: three sizes of a shot's first frame, two of its later ones, and one to spare
WARMING_UP = 2  # steps before a capture, in which libraries choose what they compute with


@dataclass(frozen=True, eq=False)
class _Captured:
    """A step that was captured, with what it works on.

    Attributes:
        descent: it changes.
        tensors: all that it reads, in the order of `_tensors_in`.
        graph: the step.
        value: the loss before it.
    """

    descent: Descent
    tensors: list[Tensor]
    graph: torch.cuda.CUDAGraph
    value: Tensor

    def step(self) -> Tensor:
        self.graph.replay()
        return self.value.clone()


class StepGraphs:
    """Captures the steps of losses that it sees for the second time; fulfils `solver.Hastening`.

    Losses are alike if they are made of the same constants, and of tensors of the same sizes. Those whose
    constants change from frame to frame are never captured.
    """

    def __init__(self) -> None:
        self._captured: OrderedDict[Hashable, _Captured | None] = OrderedDict()
        self._pool: Any = None

    def __call__(self, descent: Descent, loss: Loss) -> tuple[Descent, Callable[[], Tensor]] | None:
        """The descent of the graph, set to this one's place, and what does its step."""
        key = _kind_of((descent, loss))
        if key not in self._captured:
            self._captured[key] = None
            if len(self._captured) > MOST:
                self._captured.popitem(last=False)
            return None
        self._captured.move_to_end(key)
        captured = self._captured[key] or self._capture(descent, loss)
        self._captured[key] = captured
        for place, tensor in zip(captured.tensors, _tensors_in((descent, loss)), strict=True):
            place.copy_(tensor)
        return captured.descent, captured.step

    def _capture(self, descent: Descent, loss: Loss) -> _Captured:
        own_descent, own_loss = _mapped((descent, loss), torch.clone)
        try:
            here, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(here)
            with torch.cuda.stream(aside):
                for _ in range(WARMING_UP):
                    own_descent.step(own_loss)
            here.wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            # One pool: no two graphs run at once, and what one leaves there nobody reads.
            self._pool = self._pool or torch.cuda.graph_pool_handle()
            with torch.cuda.graph(graph, pool=self._pool):
                value = own_descent.step(own_loss)
        except torch.OutOfMemoryError:
            self._captured.clear()  # so that what comes next has their memory
            raise
        return _Captured(own_descent, list(_tensors_in((own_descent, own_loss))), graph, value)


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
