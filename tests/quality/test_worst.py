"""The worst frames are kept with their pictures, and nothing else is."""

import numpy as np

from vidstyle.quality import Report, evaluate
from vidstyle.quality.worst import SHOWN, Worst


def watched(pictures, source, judge, as_frames):
    worst = Worst()
    report = Report.of(judge, worst.watching(as_frames(pictures), source, judge))
    return report, {moment.measure: moment for moment in worst.moments}


def test_looking_on_changes_no_score(source, clean, judge, as_frames):
    report, _ = watched(clean, source, judge, as_frames)
    assert report.as_dict() == evaluate(as_frames(clean), source, judge).as_dict()


def test_each_moment_holds_the_pictures_of_the_worst_frame(source, clean, judge, as_frames):
    spoilt = clean.copy()
    spoilt[6] = np.clip(spoilt[6] + 0.2, 0, 1)
    report, moments = watched(spoilt, source, judge, as_frames)
    assert list(moments) == [name for name in SHOWN if name in moments]
    for name, moment in moments.items():
        assert moment.index == report.worst(name).index
        assert moment.value == getattr(report.worst(name), name)
        np.testing.assert_array_equal(moment.source, source[moment.index][0].bytes())
        np.testing.assert_array_equal(moment.stylized, as_frames(spoilt)[moment.index].bytes())
        np.testing.assert_array_equal(moment.previous, as_frames(spoilt)[moment.index - 1].bytes())
    assert moments["warping"].index in (6, 7)


def test_the_first_frame_has_none_before_it(source, clean, judge, as_frames):
    _, moments = watched(clean[:1], source[:1], judge, as_frames)
    assert list(moments) == ["style"]
    assert moments["style"].previous is None
