"""One frame at a time, painted by optimisation of perceptual losses."""

from vidstyle.synthesis.optimiser import OptimisingStylizer
from vidstyle.synthesis.stylizer import State, StylePicture, Stylizer

__all__ = ["OptimisingStylizer", "State", "StylePicture", "Stylizer"]
