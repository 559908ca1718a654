"""Reports to look at and to read on: whole, in one file, with the right numbers in them."""

import base64
import json
import re
import sys

import cv2
import numpy as np
import pytest

from vidstyle.errors import OutputError, SettingsError
from vidstyle.quality import Report
from vidstyle.quality.pages import Findings, check_report, report_bytes
from vidstyle.quality.thresholds import judge as hold_against
from vidstyle.quality.thresholds import parse_limits
from vidstyle.quality.worst import Worst


@pytest.fixture(scope="module")
def findings(source, clean, judge, as_frames):
    worst = Worst()
    report = Report.of(judge, worst.watching(as_frames(clean), source, judge))
    verdicts = hold_against(report, parse_limits("style>1e-12,ghost>0.9"))
    return Findings("a <b>.mp4", report, verdicts, worst.moments)


@pytest.fixture(scope="module")
def page(findings):
    return report_bytes(findings, ".HTML").decode()


def decoded(png):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def test_a_page_needs_no_other_file(page):
    addresses = re.findall(r'(?:src|href)\s*=\s*"([^"]{0,22})', page)
    assert addresses
    assert all(address == "data:image/png;base64," for address in addresses)
    assert "url(" not in page and "<script" not in page


def test_a_page_shows_the_worst_frames_as_they_are(findings, page):
    images = [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", page)]
    pictures = [decoded(image) for image in images[1:]]  # the first holds the plots
    shown = [p for m in findings.moments for p in (m.source, m.stylized, m.previous) if p is not None]
    assert len(pictures) == len(shown)
    for picture, original in zip(pictures, shown, strict=True):
        np.testing.assert_array_equal(picture, original)


def test_a_page_tells_measures_limits_and_an_escaped_name(findings, page):
    assert "a &lt;b&gt;.mp4" in page and "<b>" not in page
    assert f"{findings.report.mean('style'):.4g}" in page
    assert 'class="crossed">Limit style&gt;1e-12: crossed' in page
    assert 'class="kept">Limit ghost&gt;0.9: kept' in page


def test_a_picture_report_has_plots_and_a_row_for_each_moment(findings):
    plots = decoded(report_bytes(Findings("x", findings.report), ".png"))
    whole = decoded(report_bytes(findings, ".png"))
    assert plots.shape[1] == whole.shape[1] == 1200
    assert plots.std() > 10  # something is drawn
    row = (whole.shape[0] - plots.shape[0]) / len(findings.moments)
    assert row > 400 * 64 / 96


def test_a_report_of_numbers_is_plain_json(findings):
    told = json.loads(report_bytes(findings, ".json"))
    assert told["summary"]["style"]["value"] == pytest.approx(findings.report.mean("style"))
    assert told["limits"][0] == {
        "limit": "style>1e-12",
        "value": pytest.approx(findings.report.mean("style")),
        "crossed": True,
    }
    assert len(told["frames"]) == 14


def test_a_single_frame_can_be_plotted(source, clean, judge, as_frames):
    worst = Worst()
    report = Report.of(judge, worst.watching(as_frames(clean[:1]), source[:1], judge))
    assert decoded(report_bytes(Findings("x", report, (), worst.moments), ".png")).size


def test_another_suffix_is_refused(findings, tmp_path):
    with pytest.raises(OutputError, match=r"no kind of report. Name it .html, .json, .png"):
        check_report(tmp_path / "report.pdf")
    with pytest.raises(SettingsError, match="no kind of report"):
        report_bytes(findings, ".pdf")


def test_without_matplotlib_only_numbers_are_reported(findings, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    check_report(tmp_path / "report.json")
    for name in ("report.html", "report.png"):
        with pytest.raises(SettingsError, match=r'pip install "vidstyle\[report\]"'):
            check_report(tmp_path / name)
    assert json.loads(report_bytes(findings, ".json"))
