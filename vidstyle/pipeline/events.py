"""What a render tells while it runs: plain data, drawn by whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vidstyle.pipeline.price import Price
from vidstyle.pipeline.profile import StageTime


@dataclass(frozen=True)
class Started:
    """Everything has been checked; the first frame is next.

    Attributes:
        frames: frames in all, those of an earlier run included; an estimate, None where unknown.
        size: (height, width) of the output, pixels.
        resumed_frames: frames that an earlier run finished and this one keeps.
    """

    frames: int | None
    size: tuple[int, int]
    resumed_frames: int = 0


@dataclass(frozen=True)
class Notice:
    """Something the user should know and need not act on.

    Attributes:
        text: one sentence.
    """

    text: str


@dataclass(frozen=True)
class FrameDone:
    """A frame has been painted and handed to the encoder.

    Attributes:
        index: its position in the output, from 0.
        done: frames that are finished now, those of an earlier run included.
        seconds: time that painting it took, without decoding and encoding.
        shot_begins: it is the first frame of a shot.
    """

    index: int
    done: int
    seconds: float
    shot_begins: bool


@dataclass(frozen=True)
class SegmentClosed:
    """A segment is safe on disk: a run that is stopped from here on resumes after it.

    Attributes:
        number: the segment's, from 0.
        first: index of its first frame.
        frames: how many it holds.
    """

    number: int
    first: int
    frames: int


@dataclass(frozen=True)
class Finished:
    """The output is whole and has its final name.

    Attributes:
        output: the file.
        frames: frames in it.
        size: (height, width), pixels.
        seconds: time that this run took.
        resumed_frames: frames that an earlier run had finished.
    """

    output: Path
    frames: int
    size: tuple[int, int]
    seconds: float
    resumed_frames: int = 0


@dataclass(frozen=True)
class Priced:
    """What a render would take.

    Attributes:
        label: of the render among those of a preview, "strength 0.3"; "": of all of them.
        size: (height, width) of its output, pixels.
        price: seconds.
    """

    label: str
    size: tuple[int, int]
    price: Price


@dataclass(frozen=True)
class Profiled:
    """Where the time of a render went.

    Attributes:
        stages: what each took, in the order of the stream.
        trace: the file that shows it span by span.
    """

    stages: tuple[StageTime, ...]
    trace: Path


Event = Started | Notice | FrameDone | SegmentClosed | Finished | Priced | Profiled
