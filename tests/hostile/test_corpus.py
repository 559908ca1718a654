"""Broken files of every kind: success, a warning, or a typed error. `benchmarks/fuzz.py` tries more."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from commands import Vidstyle
from fuzzing import seeds
from fuzzing.mutate import mutant
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from vidstyle.batch.items import items
from vidstyle.batch.manifest import read_manifest
from vidstyle.errors import InputError, WeightsError
from vidstyle.faults import Faults, FaultsFound
from vidstyle.features.tensors import read_tensors
from vidstyle.media import probe, read_metadata, read_picture

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"
SOUND = seeds.seeds()
OTHERS = [content for _, content in SOUND.values()]
# What means something to a shell, a pattern, a template, a path or a terminal.
LETTERS = "ab*?[]{}!:/\\.~$%&|;`'\"\0\x1b\n\r\t \u202e\ufeffé"
KEYS = ["input", "styles", "output"]
# Each example writes over the file of the one before.
ONE_FOLDER = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def broken(kind: str, number: int) -> bytes:
    return mutant(kind, SOUND[kind][1], OTHERS, random.Random(number))[1]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("count", [16, pytest.param(400, marks=pytest.mark.slow)])
def test_mutants_through_the_command(tmp_path: Path, count: int) -> None:
    # Other files than those of the long run, whose figures docs/reliability.md tells.
    command = [sys.executable, FUZZ, "--count", str(count), "--seed", "11", "--keep", tmp_path / "failed"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"| all | {count} |" in ended.stdout
    assert not (tmp_path / "failed").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_the_judge_sees_what_is_not_allowed(folder: Path) -> None:
    """A trial that could not fail would prove nothing: planted ends, one of each kind that is not allowed."""
    script = """
import os, sys, time
from pathlib import Path
import vidstyle.cli.main
from fuzzing import trial

def planted(what):
    def main():
        if what == "signal": os.kill(os.getpid(), 11)
        if what == "traceback": raise ZeroDivisionError
        if what == "hang": trial.time.sleep(60)
        if what == "memory": bytearray(trial.MEMORY + (1 << 30))
        if what == "short": Path("out.mp4").write_bytes(Path("clip.mp4").read_bytes()); \
            print('{"event": "finished", "frames": 9}'); sys.exit(0)
        if what == "left": Path("out.mp4").touch(); print("vidstyle: error: x", file=sys.stderr); sys.exit(3)
        if what == "stray": Path("pwned").touch(); sys.exit(0)
        if what == "silent": sys.exit(3)
        if what == "code": sys.exit(1)
        if what == "whole": Path("out.mp4").write_bytes(Path("clip.mp4").read_bytes()); \
            print('{"event": "finished", "frames": 8}'); sys.exit(0)
    return main

trial.WALL_SECONDS = 1.0
for what in sys.argv[1:]:
    vidstyle.cli.main.main = planted(what)
    verdict = trial.tried(["stylize", "clip.mp4", "style.png", "-o", "out.mp4"], Path.cwd())
    print(what, verdict.outcome)
    for name in ("out.mp4", "pwned"): Path(name).unlink(missing_ok=True)
"""
    kinds = ["signal", "traceback", "hang", "memory", "short", "left", "stray", "silent", "code", "whole"]
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(FUZZ.parent)!r}){script}", *kinds],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    told = dict(line.split() for line in ended.stdout.splitlines())
    assert told == dict.fromkeys(kinds[:-1], "failed") | {"whole": "whole"}, ended.stderr


@ONE_FOLDER
@given(kind=st.sampled_from(["toml", "json", "csv"]), number=st.integers(0, 2**32))
def test_manifests_are_read_or_told(folder: Path, kind: str, number: int) -> None:
    path = folder / f"jobs.{kind}"
    path.write_bytes(broken(kind, number))
    faults = Faults(path)
    try:
        jobs = [item.job for item in items(read_manifest(path), faults)]
        faults.end()
    except FaultsFound as error:
        assert error.errors
        assert all(str(path) in str(each) for each in error.errors)
    else:
        assert jobs
        assert all(job.source.is_file() for job in jobs)


@ONE_FOLDER
@example(text="\0", key="input")
@example(text="{stem!r:>99999999}", key="output")
@example(text="../" * 50 + "etc/passwd", key="styles")
@given(
    text=st.text(st.sampled_from(LETTERS), max_size=40), key=st.sampled_from(["input", "styles", "output"])
)
def test_any_text_in_a_manifest_is_a_value_and_no_more(folder: Path, text: str, key: str) -> None:
    path = folder / "jobs.json"
    job = {"input": "clip.mp4", "styles": "style.png", "output": "out.mp4"} | {key: text}
    path.write_text(json.dumps({"jobs": [job]}))
    faults = Faults(path)
    with suppress(FaultsFound):
        items(read_manifest(path), faults)
        faults.end()
    assert sorted(each.name for each in folder.iterdir()) == [
        "clip.mp4",
        "jobs.json",
        "photo.png",
        "style.png",
    ]


@ONE_FOLDER
@given(kind=st.sampled_from(["safetensors", "pth", "pth before 1.6"]), number=st.integers(0, 2**32))
def test_weights_are_read_or_told(folder: Path, kind: str, number: int) -> None:
    path = folder / f"weights{SOUND[kind][0]}"
    path.write_bytes(broken(kind, number))
    wanted = {"features.0.weight", "features.0.bias"}
    try:
        tensors = read_tensors(path, wanted)
    except WeightsError as error:
        assert str(path) in str(error)
    else:
        assert tensors.keys() <= wanted
        assert all(bool(tensor.isfinite().all()) for tensor in tensors.values())


@ONE_FOLDER
@given(
    kind=st.sampled_from(["png", "jpeg", "webp", "tiff", "bmp", "ppm", "gif"]), number=st.integers(0, 2**32)
)
def test_pictures_are_read_or_told(folder: Path, kind: str, number: int) -> None:
    path = folder / f"picture{SOUND[kind][0]}"
    path.write_bytes(broken(kind, number))
    try:
        pixels = read_picture(path).pixels
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert pixels.ndim == 3 and pixels.shape[2] == 3
        info = probe(path).video
        assert pixels.shape[:2] == (info.height, info.width)
    try:
        read_metadata(path)
    except InputError as error:
        assert str(path) in str(error)


def test_what_tells_how_a_file_was_made_is_read_or_told(folder: Path, vidstyle: Vidstyle) -> None:
    painted = vidstyle("stylize", "photo.png", "style.png", "-o", "out.png", "--strength", "0", "-q", "draft")
    assert painted.code == 0, painted.err
    content, rng = Path("out.png").read_bytes(), random.Random(3)
    start = content.index(b"{")
    for _ in range(40):
        broken_record = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            broken_record[start + rng.randrange(900)] = rng.choice(b'"{}[],:0-x\\')
        Path("broken.png").write_bytes(broken_record)
        ended = vidstyle("reproduce", "broken.png")
        assert ended.code in (0, 2, 3), ended.err
        assert ended.code == 0 or len(ended.err.splitlines()) == 1
