"""The styles of a live picture, turned like pages: learning one never stops the picture."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache, partial
from math import ceil, floor

from vidstyle.live.style import LiveStyle
from vidstyle.live.stylizer import LiveStylizer
from vidstyle.pipeline.passing import in_passing
from vidstyle.synthesis.stylizer import StylePicture


class StyleBook:
    """Where between its styles a live picture is; a thread learns, mixes and puts them on.

    Args:
        stylizer: wears the styles.
        styles: pictures, or styles that are known already (a model's own); at least one.
        height: rows of the frames.

    Attributes:
        place: 0 is the first style, 1 the second, 0.3 seven parts of the first and three of the second.
        error: what went wrong in the thread.
    """

    def __init__(
        self, stylizer: LiveStylizer, styles: Sequence[StylePicture | LiveStyle], height: int
    ) -> None:
        self.place = 0.0
        self.error: BaseException | None = None
        self._stylizer, self._styles, self._height = stylizer, tuple(styles), height
        self._known = lru_cache(maxsize=None)(self._learn)
        self._worn = 0.0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="vidstyle-styles", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._styles)

    def turn(self, pages: int) -> None:
        """To the next style (1) or the one before (-1); after the last comes the first."""
        here = floor(self.place) if pages > 0 else ceil(self.place)
        self._go_to(float((here + pages) % len(self._styles)))

    def blend(self, share: float) -> None:
        """Towards the next style by a share, or back by a negative one; ends at the first and the last."""
        self._go_to(min(max(round(self.place + share, 3), 0.0), len(self._styles) - 1.0))

    @property
    def arrived(self) -> bool:
        """The picture is painted in the style that was asked for last."""
        return self._worn == self.place

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _go_to(self, place: float) -> None:
        with self._changed:
            self.place = place
            self._changed.notify()

    def _run(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or self.place != self._worn)
                    if self._closed:
                        return
                    place = self.place
                self._stylizer.wear(in_passing(partial(self._at, place)))
                self._worn = place
        except BaseException as error:  # told where the book is asked
            self.error = error

    def _at(self, place: float) -> LiveStyle:
        page = floor(place)
        share = place - page
        if not share:
            return self._known(page)
        return self._stylizer.painter.mix([self._known(page), self._known(page + 1)], [1 - share, share])

    def _learn(self, page: int) -> LiveStyle:
        style = self._styles[page]
        return style if isinstance(style, LiveStyle) else self._stylizer.learn([style], self._height)
