"""What a render will take, measured on this machine in a second or two and scaled to its size."""

from __future__ import annotations

from vidstyle.batch.calibrate import calibrate
from vidstyle.batch.estimate import Kind, kind_of
from vidstyle.batch.speed import Speed, shots_in
from vidstyle.pipeline import MakePainter, Plan
from vidstyle.pipeline.price import Price
from vidstyle.preview.moments import Survey


class Prices:
    """Measures each kind of settings once.

    Args:
        survey: of the source, which tells how many shots there are.
        make_painter: makes what paints.
    """

    def __init__(self, survey: Survey, make_painter: MakePainter) -> None:
        self._survey, self._make_painter = survey, make_painter
        self._speeds: dict[Kind, Speed] = {}

    def of(self, plan: Plan) -> Price:
        """The price of a render, at the size of its plan.

        Raises:
            WeightsError, DeviceError: the network cannot be had, or not run.
        """
        settings, size = plan.job.settings, plan.size
        kind = kind_of(settings)
        if kind not in self._speeds:
            self._speeds[kind] = calibrate(settings, size, self._make_painter)
        speed = self._speeds[kind]
        first = speed.first(size, settings)
        if plan.source.is_picture:
            return Price(first, None, first)
        later = speed.later(size, settings)
        if plan.frames is None:
            return Price(first, later, None)
        seconds = float(plan.frames / plan.shape.rate)
        shots = len(self._survey.shots) if self._survey.whole else shots_in(seconds)
        shots = min(plan.frames, shots)
        return Price(first, later, shots * first + (plan.frames - shots) * later)
