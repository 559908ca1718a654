"""Five small scenes with exact flow and occlusion, in the way of MPI-Sintel: see `five`."""

from scenes.five import SCENES
from scenes.layers import SIZE, Scene

__all__ = ["SCENES", "SIZE", "Scene"]
