"""`vidstyle evaluate` on real files: the table, what the result tells by itself, limits, reports."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import hasty, one_thread  # noqa: F401

from vidstyle.cli.main import run
from vidstyle.cli.scores import shown
from vidstyle.frames import Frame
from vidstyle.media import Encoding, VideoShape, VideoWriter, write_picture
from vidstyle.quality import FrameScores
from vidstyle.quality.measures import BY_NAME

HEIGHT, WIDTH, COUNT = 48, 64, 8
DOCUMENT = Path(__file__).parents[2] / "docs" / "quality.md"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Evaluate = Callable[..., Ended]


def texture(seed: int, height: int = HEIGHT, width: int = WIDTH, grain: int = 8) -> np.ndarray:
    """(height, width, 3) blobs of colour, `grain` pixels wide."""
    small = np.random.default_rng(seed).integers(0, 256, (height // grain, width // grain, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def write(path: Path, pictures: list[np.ndarray]) -> None:
    rate = Fraction(8)
    with VideoWriter(path, VideoShape(WIDTH, HEIGHT, 1 / rate, rate), Encoding(crf=12)) as writer:
        for number, pixels in enumerate(pictures):
            writer.add(Frame(pixels, number, 1 / rate, number))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clip.mp4, style.png, and out.mp4: the middle of the clip, stylized at draft."""
    folder = tmp_path_factory.mktemp("evaluate")
    wide = texture(1, HEIGHT, WIDTH + 2 * COUNT)
    write(folder / "clip.mp4", [wide[:, 2 * t : 2 * t + WIDTH].copy() for t in range(COUNT)])
    write_picture(folder / "style.png", texture(2, 2 * HEIGHT, 2 * WIDTH, grain=4) // 2)
    names = [str(folder / name) for name in ("clip.mp4", "style.png", "out.mp4")]
    stretch = ["--start", "0.25", "--duration", "0.5"]
    code = run(["stylize", *names[:2], "-o", names[2], "-q", "draft", "--style-size", "0.5", *stretch])
    assert code == 0
    return folder


@pytest.fixture
def evaluate(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Evaluate:
    """The command, in the folder of `made`."""
    monkeypatch.chdir(made)

    def command(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run(["evaluate", *arguments])
        return Ended(code, *capsys.readouterr())

    return command


def given(name: str = "out.mp4") -> list[str]:
    return [name, "--source", "clip.mp4", "--style", "style.png"]


def told(ended: Ended) -> dict:
    assert ended.code in (0, 8), ended.err
    (line,) = ended.out.splitlines()
    return json.loads(line)


@pytest.mark.usefixtures("hasty")
def test_a_result_tells_by_itself_what_it_was_made_from(evaluate: Evaluate) -> None:
    alone = told(evaluate("out.mp4", "--json"))
    assert len(alone["frames"]) == 4
    stretch = ["--start", "0.25", "--duration", "0.5"]
    assert told(evaluate(*given(), *stretch, "--json")) == alone


@pytest.mark.usefixtures("hasty")
def test_the_table_shows_every_measure_and_every_shot(evaluate: Evaluate) -> None:
    ended = evaluate("out.mp4")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert re.fullmatch(r"4 frames in 1 shot, judged by builtin \([0-9a-f]{12}\)", lines[0])
    for measure in BY_NAME.values():
        assert sum(line.startswith(measure.title) for line in lines) == 1
    assert lines[-1].split()[:3] == ["0", "0", "4"]
    assert "not taken" in next(line for line in lines if "10 frames back" in line)


def test_the_source_itself_has_its_own_error_and_no_content_distance(evaluate: Evaluate) -> None:
    summary = told(evaluate(*given("clip.mp4"), "--alone-every", "0", "--json"))["summary"]
    assert summary["warping"]["ratio"] == pytest.approx(1)
    assert summary["sharpness"]["ratio"] == pytest.approx(1)
    assert summary["content"]["value"] == pytest.approx(0, abs=1e-9)
    stylized = told(evaluate("out.mp4", "--alone-every", "0", "--json"))["summary"]
    assert summary["style"]["value"] > 2 * stylized["style"]["value"]
    assert stylized["content"]["value"] > 0.1


def test_without_metadata_the_options_are_needed_and_it_says_so(evaluate: Evaluate) -> None:
    ended = evaluate("clip.mp4")
    assert ended.code == 2
    assert "clip.mp4 does not tell how it was made: judged by the options alone" in ended.err
    assert "--source: is not given, and the result does not tell it" in ended.err
    ended = evaluate("clip.mp4", "--source", "clip.mp4")
    assert (ended.code, "--style: is not given" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("limits", "code", "said"),
    [
        ("warping>1e-9,drift>99", 8, "limit warping>1e-09: crossed, it is"),
        ("warping>1000x", 0, ""),
        ("long-term>2x", 0, "limit long-term>2x: could not be held against anything: it was not measured"),
    ],
)
def test_a_crossed_limit_is_an_exit_code(evaluate: Evaluate, limits: str, code: int, said: str) -> None:
    ended = evaluate("out.mp4", "--fail-if", limits, "--alone-every", "0", "--every", "4")
    assert ended.code == code, ended.err
    assert said in ended.err
    if not said:
        assert "limit" not in ended.err
    assert f"limit {limits.split(',')[0].replace('1e-9', '1e-09')}" in ended.out


def test_a_limit_on_nothing_known_is_refused_before_any_work(evaluate: Evaluate) -> None:
    ended = evaluate("missing.mp4", "--fail-if", "warpin>2x")
    assert (ended.code, ended.out) == (2, "")
    assert "no measure 'warpin'. Did you mean warping?" in ended.err


@pytest.mark.parametrize("name", ["report.html", "report.png", "report.json"])
def test_a_report_is_written_once(evaluate: Evaluate, made: Path, name: str) -> None:
    quick = ("--alone-every", "0", "--every", "4")
    assert evaluate("out.mp4", "--report", name, *quick).code == 0
    assert len((made / name).read_bytes()) > 1000
    (made / name).write_text("precious")
    ended = evaluate("out.mp4", "--report", name, *quick)
    assert ended.code == 4
    assert f"{name}: exists already. Add -y" in ended.err
    assert (made / name).read_text() == "precious"
    assert evaluate("out.mp4", "--report", name, "-y", *quick).code == 0
    assert len((made / name).read_bytes()) > 1000
    assert not list(made.glob(".*part*"))


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        ("report.pdf", "is no kind of report"),
        ("nowhere/report.json", "its folder does not exist"),
        ("style.png", "is one of the inputs"),
    ],
)
def test_a_report_that_cannot_be_is_refused_before_any_work(
    evaluate: Evaluate, report: str, complaint: str
) -> None:
    ended = evaluate(*given(), "--report", report, "-y")
    assert (ended.code, ended.out) == (4, "")
    assert complaint in ended.err
    assert "frames" not in ended.err


def test_the_wrong_stretch_of_the_source_is_refused(evaluate: Evaluate, made: Path) -> None:
    ended = evaluate("out.mp4", "--start", "0", "--duration", "1")
    assert ended.code == 3
    assert "out.mp4: has about 4 frames, and that stretch of the source 8. Give the --start" in ended.err


def test_of_a_stretch_what_is_not_given_is_as_the_result_tells(evaluate: Evaluate) -> None:
    whole = told(evaluate("out.mp4", "--alone-every", "0", "--json"))
    for option in (("--start", "0.25"), ("--duration", "0.5")):
        assert told(evaluate("out.mp4", *option, "--alone-every", "0", "--json")) == whole


def test_a_result_of_numbered_pictures_is_measured_at_their_rate(evaluate: Evaluate, made: Path) -> None:
    (made / "shot").mkdir()
    for number in range(COUNT):
        write_picture(made / "shot" / f"{number}.png", texture(number))
    for name, source in (("shot.mp4", "shot"), ("shot.mkv", "shot/%d.png")):
        options = ["-q", "draft", "--rate", "4", "--start", "0.5", "--duration", "0.5"]
        assert run(["stylize", source, "style.png", "-o", name, *options]) == 0
        ended = evaluate(name, "--alone-every", "0")
        assert ended.code == 0, ended.err
        assert "2 frames in" in ended.out


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["missing.mp4"], 3, "missing.mp4"),
        (["out.mp4", "--source", "missing.mp4"], 3, "missing.mp4"),
        (["out.mp4", "--style", "clip.mp4", "--style", "missing.png"], 3, "clip.mp4"),
        (["out.mp4", "--source", "style.png"], 3, "is a video, but the source is a picture"),
        (["out.mp4", "--weights", "missing.safetensors"], 2, "weights"),
        (["out.mp4", "--features", "vgg19", "--weights", "missing.safetensors"], 5, "missing.safetensors"),
        (["out.mp4", "--every", "0"], 2, "--every"),
    ],
)
def test_bad_input_ends_in_one_line(
    evaluate: Evaluate, arguments: list[str], code: int, complaint: str
) -> None:
    ended = evaluate(*arguments)
    assert (ended.code, ended.out) == (code, "")
    assert complaint in ended.err


@pytest.mark.usefixtures("hasty")
def test_what_the_result_was_made_from_may_be_gone(evaluate: Evaluate, made: Path) -> None:
    (made / "style.png").rename(made / "moved.png")
    try:
        ended = evaluate("out.mp4")
        assert ended.code == 3
        assert "is not there, though the result was made with it. Give --style." in ended.err
        assert evaluate("out.mp4", "--style", "moved.png", "--alone-every", "0").code == 0
    finally:
        (made / "moved.png").rename(made / "style.png")


@pytest.mark.usefixtures("hasty")
def test_a_result_that_shows_its_source_too_is_refused(evaluate: Evaluate) -> None:
    stretch = ["--duration", "0.25", "--compare", "split"]
    assert run(["stylize", "clip.mp4", "style.png", "-o", "split.mp4", "-q", "draft", *stretch]) == 0
    ended = evaluate("split.mp4")
    assert ended.code == 3
    assert "split.mp4: shows the source too. Measure a result without --compare." in ended.err


@pytest.mark.usefixtures("hasty")
def test_stills_are_measured_too(evaluate: Evaluate, made: Path) -> None:
    code = run(
        ["stylize", "style.png", "style.png", "-o", "still.png", "-q", "draft", "--strength", "0.5", "-y"]
    )
    assert code == 0
    ended = evaluate("still.png")
    assert ended.code == 0
    assert "it has a strength of 0.5; style distance is that to the full style" in ended.err
    assert ended.out.startswith("1 frame in 1 shot")


@pytest.mark.usefixtures("hasty")
def test_a_result_in_regions_says_what_it_is_judged_by(evaluate: Evaluate, made: Path) -> None:
    write_picture("mask.png", np.full((48, 64, 3), 255, np.uint8))
    under = ["--mask", "mask.png=style.png", "-q", "draft", "--steps", "1", "-y"]
    assert run(["stylize", "style.png", "none", "-o", "still.png", *under]) == 0
    ended = evaluate("still.png")
    assert ended.code == 2
    assert "--style: is not given, and the result does not tell it" in ended.err
    ended = evaluate("still.png", "--style", "style.png")
    assert ended.code == 0
    assert "it has other styles under masks, and is judged by one for the whole picture" in ended.err


def test_settings_of_the_result_are_those_of_the_frames_alone(made: Path) -> None:
    from vidstyle.cli.judging import LOOK, job_of, settings_of
    from vidstyle.settings import Settings

    job = job_of(made / "out.mp4")
    assert job is not None
    settings = settings_of(job, "draft", None, "cpu")
    assert settings.style_size == 0.5
    assert settings.device == "cpu"
    assert set(LOOK) <= {field.name for field in dataclasses.fields(Settings)}
    assert settings_of(job, "live", None, "cpu").style_size == 0.5
    assert settings_of(None, "high", None, None) == Settings.preset("high")


def test_the_documented_measures_are_all_there_are() -> None:
    documented = re.findall(r"^\| `([a-z-]+)` \|", DOCUMENT.read_text(), re.MULTILINE)
    assert documented == list(BY_NAME)


@pytest.mark.usefixtures("hasty")
def test_the_documented_python_runs(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, file in (("clip.mp4", "clip.mp4"), ("clip.mp4", "stylized.mp4"), ("style.png", "painting.jpg")):
        shutil.copy(made / name, tmp_path / file)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    exec(compile(example, DOCUMENT.name, "exec"), {})
    assert capsys.readouterr().out.splitlines()[1] == "[False]"


def test_the_documented_commands_are_understood(
    evaluate: Evaluate, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, file in (("clip.mp4", "clip.mp4"), ("out.mp4", "stylized.mp4"), ("clip.mp4", "other.mp4")):
        shutil.copy(made / name, tmp_path / file)
    shutil.copy(made / "style.png", tmp_path / "painting.jpg")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```bash\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    commands = [shlex.split(line) for line in block.splitlines()]
    assert [command[:2] for command in commands] == [["vidstyle", "evaluate"]] * 3
    for command in commands:
        assert evaluate(*command[2:], "--alone-every", "0", "--every", "9").code in (0, 8)


def test_on_a_terminal_progress_stays_on_one_line_and_goes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = [FrameScores(index, 0) for index in range(3)]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(shown(scores, 3)) == scores
    said = capsys.readouterr().err
    assert "\n" not in said
    assert "3 of 3 frames (100 %)" in said
    assert said.endswith("\r\x1b[K")
