"""What can be wrong with a source and survived: counted while it is read, told afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from vidstyle.media.info import SourceInfo

# Frames that a decoder may hold back at the end of a whole file without anything missing.
_SLACK = Fraction(1, 4)


@dataclass
class DecodeFaults:
    """What went wrong while a file was read; pass one to `read`, look at it afterwards.

    Attributes:
        packets: compressed frames seen.
        broken_packets: those that did not decode.
        lost_frames: of whole packets that gave no picture, since others that they build on are gone.
        corrupt_frames: frames that decoded with visible damage.
        repaired_times: frames whose time was missing, or not after the one before.
        scaled_frames: frames of another size than the first, scaled to it.
        missing: seconds declared by the file but not held by it.
        gaps: numbers that lack in the names of numbered pictures.
        masks: by name, what is wrong with masks that were read along with it.
    """

    packets: int = 0
    broken_packets: int = 0
    lost_frames: int = 0
    corrupt_frames: int = 0
    repaired_times: int = 0
    scaled_frames: int = 0
    missing: Fraction = Fraction(0)
    gaps: int = 0
    masks: dict[str, DecodeFaults] = field(default_factory=dict)

    def describe(self) -> tuple[str, ...]:
        """One clause for each kind of fault that happened; empty for a sound file."""
        facts = (
            (self.broken_packets, f"{self.broken_packets} of {self.packets} packets are damaged"),
            (self.lost_frames, f"{self.lost_frames} frames could not be decoded"),
            (self.corrupt_frames, f"{self.corrupt_frames} frames are damaged"),
            (self.repaired_times, f"{self.repaired_times} frames had no usable time"),
            (self.scaled_frames, f"{self.scaled_frames} frames changed size and were scaled"),
            (self.missing, f"the last {float(self.missing):.2f} s are missing"),
            (self.gaps, f"{self.gaps} numbers are missing: the pictures there are follow each other"),
        )
        own = tuple(fact for happened, fact in facts if happened)
        return own + tuple(
            f"its mask {name}: {fact}" for name, faults in self.masks.items() for fact in faults.describe()
        )

    def add(self, more: DecodeFaults) -> None:
        """Count what one opening of the file met."""
        self.packets += more.packets
        self.broken_packets += more.broken_packets
        self.lost_frames += more.lost_frames
        self.corrupt_frames += more.corrupt_frames

    def note_missing(self, info: SourceInfo, until: Fraction, end: Fraction | None) -> None:
        """Note what the file declares to hold after `until`, in seconds of its own clock."""
        if info.duration is None or info.is_picture:
            return
        declared = info.start + info.duration
        declared = declared if end is None else min(declared, end)
        missing = declared - until
        # Sound may outlast the picture a little.
        if missing > max(_SLACK, info.duration / 20):
            self.missing = missing
