"""Instruments: how steady, how faithful to the style, how free of ghosts and of drift a result is."""

from vidstyle.quality.report import Report, ShotReport, evaluate
from vidstyle.quality.scores import FrameScores, Judge, score_frames

__all__ = ["FrameScores", "Judge", "Report", "ShotReport", "evaluate", "score_frames"]
