"""Segments: stretches of finished frames in the state folder, each with a record that vouches for it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vidstyle.media.atomic import replacing, write_bytes
from vidstyle.pipeline.hashes import digest, sha256

Carry = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Segment:
    """Finished frames of one shot, and what they depend on.

    Attributes:
        number: position among the segments, from 0.
        first: index of its first frame.
        pts: presentation times of its frames, the source's own, in units of `time_base`.
        time_base: seconds per tick.
        video: sha256 of the encoded frames.
        carry: `sha256_of` what the next segment starts from; None where a shot ends with this one.
        carry_file: sha256 of the file that keeps it.
        started_from: `carry` of the segment before; None where a shot begins with this one.
    """

    number: int
    first: int
    pts: tuple[int, ...]
    time_base: Fraction
    video: str
    carry: str | None
    carry_file: str | None
    started_from: str | None


@dataclass(frozen=True)
class Place:
    """A boundary between segments, where rendering can begin.

    Attributes:
        number: of the segment that begins here.
        index: of the frame that begins here.
        before: seconds of the frame before it, on the source's own clock; None at the start.
        carry: `sha256_of` what a segment that goes on with the shot starts from; None if no shot goes on.
    """

    number: int = 0
    index: int = 0
    before: Fraction | None = None
    carry: str | None = None

    def after(self, segment: Segment) -> Place:
        """The place where `segment`, which begins here, ends."""
        return self.beyond(segment.pts, segment.time_base, segment.carry)

    def beyond(self, pts: Sequence[int], time_base: Fraction, carry: str | None) -> Place:
        """The place where a segment that begins here ends, given its frames' pts and what it leaves."""
        return Place(self.number + 1, self.index + len(pts), pts[-1] * time_base, carry)


class Shelf:
    """The segments of one render in its state folder.

    A segment is three files: `00000.mp4`, `00000.carry.npz` (unless its shot ends with it) and
    `00000.json`, the record, written last: a segment without one does not exist.

    Args:
        folder: the state folder.
        key: of the render; segments of another are not seen.
        suffix: of the encoded frames' files (".mp4").
    """

    def __init__(self, folder: Path, key: str, suffix: str = ".mp4") -> None:
        self._folder, self._key, self._suffix = folder, key, suffix
        self._kept: dict[int, Segment] = {}

    def video(self, number: int) -> Path:
        """The file of a segment's encoded frames."""
        return self._folder / f"{number:05}{self._suffix}"

    def _carry(self, number: int) -> Path:
        return self._folder / f"{number:05}.carry.npz"

    def load(self) -> int:
        """Find the segments that are whole, every byte of them checked.

        Returns:
            How many segments have files here and are not whole.
        """
        found = [self._load(number) for number in self._numbers()]
        self._kept = {segment.number: segment for segment in found if segment is not None}
        return len(found) - len(self._kept)

    def frames(self) -> int:
        """How many frames the whole segments hold."""
        return sum(len(segment.pts) for segment in self._kept.values())

    def keeps(self, place: Place, *, shot_begins: bool | None = None) -> Segment | None:
        """The whole segment that begins at a place and depends on nothing else than what lies before it.

        Args:
            place: where it would begin.
            shot_begins: whether a shot is known to begin here; None where that is not known yet.
        """
        segment = self._kept.get(place.number)
        if segment is None or segment.first != place.index:
            return None
        if shot_begins is not None and shot_begins != (segment.started_from is None):
            return None
        return segment if segment.started_from in (None, place.carry) else None

    def drop(self, number: int) -> None:
        """Forget a segment that is painted anew."""
        if self._kept.pop(number, None) is not None:
            self._record(number).unlink(missing_ok=True)

    def skip(self, place: Place) -> Place:
        """The first place from `place` on where a segment is missing or does not fit."""
        while (segment := self.keeps(place)) is not None:
            place = place.after(segment)
        return place

    def get(self, number: int) -> Segment | None:
        """The whole segment of a number, wherever it begins; None if there is none."""
        return self._kept.get(number)

    def admit(self, number: int) -> Segment | None:
        """Keep a segment whose files another process has put here; None if it is not whole."""
        segment = self._load(number)
        if segment is not None:
            self._kept[number] = segment
        return segment

    def files(self, segment: Segment) -> tuple[Path, ...]:
        """The files of a whole segment, in the order in which they must be copied: its record last."""
        carry = () if segment.carry is None else (self._carry(segment.number),)
        return (self.video(segment.number), *carry, self._record(segment.number))

    def segments(self) -> list[Segment]:
        """The whole segments, in order."""
        return [self._kept[number] for number in sorted(self._kept)]

    def seal(
        self,
        place: Place,
        pts: Iterable[int],
        time_base: Fraction,
        carry: str | None,
        *,
        shot_begins: bool,
    ) -> Segment:
        """Write the record of a segment whose frames have been written to `video(place.number)`.

        What the next segment starts from must have been written too, by `put_carry`.

        Args:
            place: where it begins.
            pts: of its frames.
            time_base: of the pts.
            carry: `sha256_of` what the next segment starts from; None where its shot ends.
            shot_begins: whether its first frame is the first of a shot.

        Returns:
            The segment, which `keep` takes.

        Raises:
            OutputError: the record cannot be written.
        """
        segment = Segment(
            number=place.number,
            first=place.index,
            pts=tuple(pts),
            time_base=time_base,
            video=sha256(self.video(place.number)),
            carry=carry,
            carry_file=None if carry is None else sha256(self._carry(place.number)),
            started_from=None if shot_begins else place.carry,
        )
        record = asdict(segment) | {"time_base": str(time_base), "key": self._key}
        sealed = json.dumps({"segment": record, "sha256": digest(record)})
        write_bytes(self._record(place.number), sealed.encode())
        return segment

    def keep(self, segment: Segment) -> None:
        """Take a segment that was sealed for one of the whole ones."""
        self._kept[segment.number] = segment

    def carry(self, place: Place) -> Carry:
        """What a segment that goes on with the shot at `place` starts from."""
        with np.load(self._carry(place.number - 1), allow_pickle=False) as arrays:
            return dict(arrays)

    def put_carry(self, number: int, carry: Carry) -> None:
        """Write what the segment after a segment starts from.

        Raises:
            OutputError: it cannot be written.
        """
        with replacing(self._carry(number)) as part, zipfile.ZipFile(part, "w") as archive:
            for name, array in carry.items():  # np.savez, but without names that clash with its own
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)

    def _record(self, number: int) -> Path:
        return self._folder / f"{number:05}.json"

    def _numbers(self) -> list[int]:
        names = {path.name.split(".")[0] for path in self._folder.iterdir()}
        return sorted(int(name) for name in names if name.isdecimal())

    def _load(self, number: int) -> Segment | None:
        """The segment of a number, or None if any of it is missing, damaged or of another render."""
        try:
            told = json.loads(self._record(number).read_text(encoding="utf-8"))
            record = told["segment"]
            if told["sha256"] != digest(record) or record.pop("key") != self._key:
                return None
            segment = Segment(
                **record | {"pts": tuple(record["pts"]), "time_base": Fraction(record["time_base"])}
            )
            if segment.number != number or sha256(self.video(number)) != segment.video:
                return None
            if segment.carry is not None and sha256(self._carry(number)) != segment.carry_file:
                return None
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None
        return segment
