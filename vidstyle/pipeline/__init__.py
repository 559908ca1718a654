"""The hallway: a job from its plan to its output, in segments that outlast any interruption."""

from vidstyle.pipeline.compare import Comparison
from vidstyle.pipeline.events import (
    Event,
    Finished,
    FrameDone,
    Notice,
    Priced,
    Profiled,
    SegmentClosed,
    Started,
)
from vidstyle.pipeline.job import Job, MaskFile, Size, StyleFile
from vidstyle.pipeline.painter import MakePainter, Painter
from vidstyle.pipeline.plan import Plan, plan
from vidstyle.pipeline.profile import Profile, StageTime
from vidstyle.pipeline.render import render
from vidstyle.pipeline.reproduce import describe, job_from_metadata, told_by
from vidstyle.pipeline.schedule_file import read_schedule, write_schedule

__all__ = [
    "Comparison",
    "Event",
    "Finished",
    "FrameDone",
    "Job",
    "MakePainter",
    "MaskFile",
    "Notice",
    "Painter",
    "Plan",
    "Priced",
    "Profile",
    "Profiled",
    "SegmentClosed",
    "Size",
    "StageTime",
    "Started",
    "StyleFile",
    "describe",
    "job_from_metadata",
    "plan",
    "read_schedule",
    "render",
    "told_by",
    "write_schedule",
]
