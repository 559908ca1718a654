"""How the picture moves: flow to the previous frame, how far it may be trusted, and where shots begin."""

from vidstyle.motion.cuts import is_blank, is_cut
from vidstyle.motion.flow import flow_between
from vidstyle.motion.quick import quick_motion
from vidstyle.motion.still import unchanged
from vidstyle.motion.track import begins_shot, motion_between, pairs_at_once, track
from vidstyle.motion.trust import trust_of
from vidstyle.motion.warp import warp

__all__ = [
    "begins_shot",
    "flow_between",
    "is_blank",
    "is_cut",
    "motion_between",
    "pairs_at_once",
    "quick_motion",
    "track",
    "trust_of",
    "unchanged",
    "warp",
]
