"""`vidstyle train`: a model for one's own style, and what it refuses."""

from pathlib import Path

import pytest
from safetensors import safe_open

SAMPLES = Path(__file__).parents[2] / "samples"


def test_a_model_is_trained_and_painted_with(tmp_path, vidstyle):
    ended = vidstyle(
        "train",
        SAMPLES / "styles" / "ink.jpg",
        "--on",
        SAMPLES / "harbour.mp4",
        "--minutes",
        "0.02",
        "--height",
        "96",
        "-o",
        tmp_path / "ink.safetensors",
    )
    assert ended.code == 0, ended.err
    assert "ink.safetensors" in ended.err
    with safe_open(tmp_path / "ink.safetensors", framework="np") as file:
        assert file.metadata()["styles"] == "ink.jpg"
        assert "own.wishes" in file.keys()  # noqa: SIM118
    assert [path.name for path in tmp_path.iterdir()] == ["ink.safetensors"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--minutes", "0"], 2, "minutes"),
        (["--height", "8"], 2, "height"),
        (["--on", "nowhere.mp4"], 3, "nowhere.mp4"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(arguments, code, words, tmp_path, vidstyle):
    ended = vidstyle("train", SAMPLES / "styles" / "ink.jpg", "-o", tmp_path / "m.safetensors", *arguments)
    assert ended.code == code, ended.err
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["taken.safetensors", "model.pt", "nowhere/m.safetensors"])
def test_a_file_that_cannot_be_written_is_refused_before_the_lessons(name, tmp_path, vidstyle):
    (tmp_path / "taken.safetensors").write_text("mine")
    ended = vidstyle("train", SAMPLES / "styles" / "ink.jpg", "-o", tmp_path / name)
    assert ended.code == 4, ended.err
    assert name in ended.err
    assert (tmp_path / "taken.safetensors").read_text() == "mine"
