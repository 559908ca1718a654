"""See before you wait: contact sheets of a few frames in settings to choose from, with what they cost."""

from vidstyle.preview.make import THUMBNAIL, Preview, preview
from vidstyle.preview.moments import spread, survey
from vidstyle.preview.vary import Axis, axes_of

__all__ = ["THUMBNAIL", "Axis", "Preview", "axes_of", "preview", "spread", "survey"]
