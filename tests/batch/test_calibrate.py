from __future__ import annotations

from collections.abc import Sequence

from cheap_painters import Inverting

from vidstyle.batch.calibrate import calibrate
from vidstyle.batch.estimate import kind_of
from vidstyle.pipeline import Painter
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

SIZE = (48, 64)


class Asked:
    """Makes cheap painters, and keeps what settings they were asked for with."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []

    def __call__(self, styles: Sequence[StylePicture], settings: Settings) -> Painter:
        self.settings.append(settings)
        return Painter(Inverting(), "w" * 64)


def test_the_live_quality_has_frames_and_no_steps() -> None:
    asked = Asked()
    live = Settings.preset("live")
    speed = calibrate(live, SIZE, asked)
    assert asked.settings == [live]
    assert speed.step.of(48 * 64) == 0
    assert speed.first(SIZE, live) == speed.later(SIZE, live) > 0


def test_every_frame_that_is_measured_is_drawn() -> None:
    asked = Asked()
    calibrate(Settings.preset("draft", hold=2), SIZE, asked)
    assert [settings.hold for settings in asked.settings] == [1, 1]


def test_what_takes_its_own_time_is_measured_by_itself() -> None:
    live, draft = Settings.preset("live"), Settings.preset("draft")
    assert kind_of(draft) == kind_of(Settings.preset("draft", strength=0.3, steps=9))
    kinds = {kind_of(each) for each in (live, draft, Settings.preset("draft", mending=True))}
    assert len(kinds) == 3
