"""Painters kept between jobs, so that a network is loaded and a style measured only once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from vidstyle.pipeline import Painter
from vidstyle.pipeline.footage import Footage
from vidstyle.pipeline.hashes import array_fingerprint
from vidstyle.pipeline.painter import painter_for
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

# A painter holds its style pictures and what was measured of them, some 50 MB for a style of four
# million pixels. Manifests go through styles in order, so few are in use at a time.
KEPT = 4


class KeptPainters:
    """A `MakePainter` that hands out a painter again where styles, settings and footage are the same.

    What a painter remembers of the frames before is dropped each time. Not for use by two renders at
    the same time.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Painter] = OrderedDict()

    def __call__(
        self, styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None
    ) -> Painter:
        """The painter for a mixture of styles.

        Raises:
            WeightsError: the network's weights are missing or damaged.
            DeviceError: the device is absent or cannot hold the network.
        """
        seen = None if footage is None else footage.key()
        told = ((array_fingerprint(style.pixels), style.weight, style.region) for style in styles)
        key = (settings, seen, *told)
        painter = self._kept.pop(key, None) or painter_for(styles, settings, footage)
        self._kept[key] = painter
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        painter.stylizer.restore({})  # the last frames of the job before
        return painter
