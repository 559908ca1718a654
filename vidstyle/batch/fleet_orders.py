"""What travels between a fleet's driver and its workers: descriptors one way, finished segments the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import VidstyleError
from vidstyle.frames import Pixels
from vidstyle.pipeline import FrameDone, Job
from vidstyle.pipeline.segments import Carry, Place
from vidstyle.pipeline.state import Identity


@dataclass(frozen=True)
class Scan:
    """An order: find the shots of a job's source.

    Attributes:
        job: with absolute paths.
    """

    job: Job


@dataclass(frozen=True)
class Scanned:
    """What a scan found.

    Attributes:
        identity: what the job's frames depend on, as the worker sees it, but for the weights.
        weights: sha256 of the weights that the worker paints with.
        pts: of every frame, in units of `time_base`; one frame, of no meaning, for a picture.
        time_base: seconds per tick.
        begins: indices of the frames that begin a shot.
        faults: what is wrong with the source, a clause each.
    """

    identity: Identity
    weights: str
    pts: tuple[int, ...]
    time_base: Fraction
    begins: tuple[int, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Shared:
    """A state folder that workers may see too.

    Attributes:
        folder: absolute.
        token: what a file in it holds; a worker that reads it there sees the driver's own folder.
    """

    folder: Path
    token: str

    NAME = "shared"

    def offer(self) -> None:
        """Write the token down."""
        (self.folder / self.NAME).write_text(self.token)

    def seen(self) -> bool:
        """Whether this process sees the folder."""
        try:
            return (self.folder / self.NAME).read_text() == self.token
        except OSError:
            return False


@dataclass(frozen=True, eq=False)
class Head:
    """The first frames of a stretch that begins within a shot, painted before all else.

    The stretch before it fades over into them, and its own further frames follow from them.

    Attributes:
        first: index of the first.
        pixels: the painted frames, (H, W, 3) uint8 or float32 each.
        carry: what the next frame starts from.
        sha256: `sha256_of` `carry`, as a segment's record tells it.
    """

    first: int
    pixels: tuple[Pixels, ...]
    carry: Carry
    sha256: str


@dataclass(frozen=True, eq=False)
class PaintHead:
    """An order: paint a `Head`.

    Attributes:
        job: with absolute paths.
        place: where it begins.
        frames: how many.
    """

    job: Job
    place: Place
    frames: int


@dataclass(frozen=True, eq=False)
class Paint:
    """An order: paint some frames of one shot, into segments.

    Attributes:
        job: with absolute paths.
        identity: what the segments depend on, the weights among it.
        place: where to begin.
        frames: how many.
        shared: where the segments go, if the worker sees it; else they come back as bytes.
        carry: what the first frame starts from; None where a shot begins.
        fade: what the last frames fade over into; None where the shot ends, or goes on as it is.
    """

    job: Job
    identity: Identity
    place: Place
    frames: int
    shared: Shared
    carry: Carry | None = None
    fade: Head | None = None


@dataclass(frozen=True, eq=False)
class PaintPicture:
    """An order: paint a job whose source is a picture.

    Attributes:
        job: with absolute paths.
    """

    job: Job


@dataclass(frozen=True, eq=False)
class Picture:
    """A painted picture.

    Attributes:
        pixels: (H, W, 3) uint8 or float32.
        seconds: that painting it took.
        alpha: (H, W) how opaque each pixel is; None: all of them are.
    """

    pixels: Pixels
    seconds: float
    alpha: Pixels | None = None


@dataclass(frozen=True, eq=False)
class Parcel:
    """A finished segment.

    Attributes:
        number: its number.
        files: its files, by name, in the order in which to write them; empty where it lies in the
            state folder already.
    """

    number: int
    files: Mapping[str, bytes]


Order = Scan | Paint | PaintHead | PaintPicture
Message = Scanned | FrameDone | Parcel | Head | Picture | VidstyleError
"""What a worker says while it carries out an order; after an error nothing more."""


def absolute(job: Job) -> Job:
    """The same job for processes in other folders.

    What its frames depend on stays as it is: files count by what they hold.
    """
    weights = job.settings.weights
    return replace(
        job,
        source=job.source.absolute(),
        styles=tuple(replace(style, path=style.path.absolute()) for style in job.styles),
        masks=tuple(
            replace(mask, path=mask.path.absolute(), style=mask.style and mask.style.absolute())
            for mask in job.masks
        ),
        output=job.output.absolute(),
        footage=job.footage and job.footage.absolute(),
        settings=replace(job.settings, weights=None if weights is None else weights.absolute()),
    )
