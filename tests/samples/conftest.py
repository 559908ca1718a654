from __future__ import annotations

from functools import lru_cache

import scene

rendered = lru_cache(maxsize=8)(scene.render)
"""A frame of the scene takes most of a second to draw."""
