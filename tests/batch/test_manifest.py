"""A manifest becomes jobs, or is told all that is wrong with it, line by line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_jobs import jobs_of, told
from small_media import manifest, write_picture

from vidstyle.batch.items import Item, Override
from vidstyle.batch.keys import KEYS, SETTINGS
from vidstyle.batch.places import check_places
from vidstyle.batch.prepare import prepare
from vidstyle.errors import InputError, OutputError, SettingsError
from vidstyle.faults import Faults, FaultsFound
from vidstyle.media import Encoding
from vidstyle.pipeline import Job, StyleFile
from vidstyle.schedule import Keyframe, Schedule
from vidstyle.settings import Settings

FULL = {
    "input": ["clip.mp4"],
    "styles": ["style.png", "other.png"],
    "style_weights": [2, 1],
    "output": "{stem}-{style}-{index:02}.mkv",
    "quality": "high",
    "strength": 0.5,
    "keep_colors": True,
    "first_steps": [9, 8],
    "steps": 3,
    "size": "32x64",
    "start": "0:01.5",
    "duration": 2,
    "compare": "side",
    "codec": "hevc",
    "crf": 30,
    "encoder_options": {"tune": "grain"},
    "rate": "30000/1001",
    "hdr": "tonemap",
    "decoder": "auto",
}


def expected() -> Job:
    return Job(
        source=Path("clip.mp4"),
        styles=(StyleFile(Path("style.png"), 2), StyleFile(Path("other.png"), 1)),
        output=Path("clip-style+other-01.mkv"),
        settings=Settings.preset("high", strength=0.5, keep_colors=True, first_steps=(9, 8), steps=3),
        encoding=Encoding("hevc", 30, options={"tune": "grain"}),
        size=(32, 64),
        start=Fraction(3, 2),
        duration=Fraction(2),
        rate=Fraction(30000, 1001),
        hdr="tonemap",
        decoder="auto",
        compare="side",
    )


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def as_cell(value: object) -> str:
    if isinstance(value, dict):
        return ";".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_same_job_is_read_from_every_format(folder: Path) -> None:
    write_picture(folder / "other.png", 3)
    toml = "[[jobs]]\n" + "\n".join(f"{key} = {as_toml(value)}" for key, value in FULL.items())
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([list(FULL), [as_cell(value) for value in FULL.values()]])
    paths = [
        manifest(folder, toml),
        manifest(folder, json.dumps({"jobs": [FULL]}), "jobs.json"),
        manifest(folder, "\ufeff" + buffer.getvalue(), "jobs.csv"),  # as spreadsheets save it
    ]
    for path in paths:
        assert jobs_of(path) == [expected()], path.name


@pytest.mark.parametrize(
    ("written", "kept"),
    [("true", "luminance"), ("false", False), ('"match"', "match"), ('"luminance"', "luminance")],
)
def test_colors_are_kept_in_either_way_or_by_an_old_true(folder: Path, written: str, kept: object) -> None:
    jobs = '[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\noutput = "out.mp4"\nkeep_colors = '
    (job,) = jobs_of(manifest(folder, jobs + written))
    assert job.settings.keep_colors == kept
    (line,) = told(manifest(folder, jobs + '"mach"'))
    assert line == "5: keep_colors: cannot be 'mach'. Did you mean match?"


def test_a_schedule_lies_beside_the_manifest_and_its_faults_are_told_with_both_lines(folder: Path) -> None:
    (folder / "fade.toml").write_text("[[keyframe]]\nat = 1\nstrength = 0.5\n")
    jobs = '[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\noutput = "out.mp4"\nschedule = "fade.toml"\n'
    (job,) = jobs_of(manifest(folder, jobs))
    assert job.settings.schedule == Schedule((Keyframe(Fraction(1), strength=0.5),))
    (folder / "fade.toml").write_text("[[keyframe]]\nat = 1\nstrength = 5\n[[keyframe]]\nstrength = 1\n")
    first, second = told(manifest(folder, jobs))
    assert "fade.toml:3: strength: is 5" in first
    assert "fade.toml:4: at: gives no time" in second


def test_every_setting_of_stylize_is_a_key() -> None:
    assert set(SETTINGS) == {field.name for field in fields(Settings)}
    assert {"codec", "crf", "preset", "pix_fmt", "encoder_options", "size", "start", "duration"} <= set(KEYS)


def test_defaults_hold_where_a_job_says_nothing(folder: Path) -> None:
    path = manifest(
        folder,
        """
        [defaults]
        styles = "style.png"
        output = "{stem}.mkv"
        strength = 0.5
        [[jobs]]
        input = "clip.mp4"
        [[jobs]]
        input = "other.mp4"
        strength = 0.25
        output = "x.mp4"
        """,
    )
    first, second = jobs_of(path, Override(device="cpu", overwrite=True))
    assert (first.output.name, first.settings.strength) == ("clip.mkv", 0.5)
    assert (second.output.name, second.settings.strength) == ("x.mp4", 0.25)
    assert first.settings.device == "cpu" and first.overwrite


def test_patterns_find_files_in_order_once_and_literal_names_stay_literal(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    for name in ("deep/b.mp4", "deep/er/a.mp4", "take [1].mp4"):
        (folder / name).write_bytes((folder / "clip.mp4").read_bytes())
    path = manifest(
        folder,
        """
        [[jobs]]
        input = ["take [1].mp4", "**/*.mp4", "clip.mp4"]
        styles = "style.png"
        output = "{index}-{stem}.mkv"
        """,
    )
    assert [job.output.name for job in jobs_of(path)] == [
        "1-take [1].mkv",
        "2-clip.mkv",
        "3-b.mkv",
        "4-a.mkv",
        "5-other.mkv",
    ]


WRONG = """\
[defaults]
styles = ["nope.png", "style.png"]
strenght = 0.5
quality = "standrd"
style_weights = [1]

[[jobs]]
input = [
  "absent.mp4",
  "none*.mp4",
]
output = "{stem}-{styl}.mp4"

[[jobs]]
input = "clip.mp4"
output = "same.mp4"
strength = 3
start = "1:99"
size = true
steps = 2
min_steps = 5

[jobs.encoder_options]
tune = [1]

[[jobs]]
styles = "style.png"
style_weights = [1]
crf = "low"
"""


def test_numbered_pictures_are_one_source_by_their_pattern_or_folder(folder: Path) -> None:
    (folder / "shot").mkdir()
    for number in (1, 2):
        write_picture(folder / "shot" / f"{number}.png")
    for source in ("shot/%d.png", "shot"):
        job = f'input = "{source}"\nstyles = "style.png"\noutput = "out.mp4"\nrate = 24'
        (read,) = jobs_of(manifest(folder, f"[[jobs]]\n{job}"))
        assert (read.source, read.rate) == (Path(source), 24)


def test_everything_that_is_wrong_is_told_at_once_with_its_line(folder: Path) -> None:
    (folder / "nothing").mkdir()
    found = told(manifest(folder, WRONG))
    wanted = [
        (2, "styles: no such file: nope.png"),
        (3, "strenght: no such key. Did you mean strength?"),
        (4, "quality: cannot be 'standrd'. Did you mean standard?"),
        (5, "style_weights: has 1 for 2 styles"),
        (8, "input: no such file: absent.mp4"),
        (8, "input: 'none*.mp4' matches no file"),
        (12, "output: '{stem}-{styl}.mp4' has no field {styl}. Did you mean style?"),
        (17, "strength: is 3"),
        (18, "start: '1:99' is not a time"),
        (19, "size: must be a size, not True"),
        (21, "min_steps: is 5. It must be between 1 and 2"),
        (23, "encoder_options: must be a table of options"),
        (26, "gives no input and no output"),
        (29, "crf: must be a whole number, not 'low'"),
    ]
    missing = [wish for wish in wanted if not any(line.startswith(f"{wish[0]}: {wish[1]}") for line in found)]
    assert not missing, "\n".join(found)
    assert len(found) == len(wanted), "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("jobs.toml", "[[jobs]\n", "not well-formed TOML"),
        ("jobs.toml", "a = 1\na =\n", "line 2"),
        ("jobs.json", '{"jobs": [}', "not well-formed JSON"),
        ("jobs.json", "[" * 100_000, "nested too deeply"),
        ("jobs.json", '{"jobs": ' + "1" * 5000 + "}", "not well-formed JSON"),
        ("jobs.json", "[]", "is a list"),
        ("jobs.json", '{"jobs": [3]}', "holds 3"),
        (
            "jobs.json",
            '{"defaults": {"quality": ["draft"]}, "jobs": [{"input": "a"}]}',
            "quality: must be text",
        ),
        ("jobs.json", '{"jobs": [{"input": "a",\n"input": "b"}]}', "2: input: is given twice"),
        ("jobs.toml", "[jobs]\ninput = 'a'", "is one table"),
        ("jobs.toml", "[default]\n", "Did you mean defaults?"),
        ("jobs.toml", "", "there is none"),
        ("jobs.csv", "", "holds no jobs"),
        ("jobs.csv", "input,input\na,b\n", "is given twice"),
        ("jobs.csv", "input,output\n\na,b,c\n", "3: has 3 cells in 2 columns"),
        ("jobs.csv", 'input\n"a', "not well-formed CSV"),
        ("jobs.yaml", "a: 1", "Name it .toml, .json or .csv"),
    ],
)
def test_a_file_of_the_wrong_form_is_refused(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = manifest(tmp_path, text, name)
    assert words in " | ".join(told(path))


def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "no such file" in told(tmp_path / "absent.toml")[0]
    (tmp_path / "latin.toml").write_bytes(b"a = '\xe9'")
    assert "UTF-8" in told(tmp_path / "latin.toml")[0]


def test_each_kind_of_fault_has_its_exit_code(folder: Path) -> None:
    job = '[[jobs]]\nstyles = "style.png"\n'
    cases = {
        2: f'{job}input = "clip.mp4"\noutput = "a.mp4"\nstrength = 3',
        3: f'{job}input = "absent.mp4"\noutput = "a.mp4"',
        4: f'{job}input = "clip.mp4"\noutput = "absent/a.mp4"',
    }
    for code, text in cases.items():
        with pytest.raises(FaultsFound) as caught:
            prepare(manifest(folder, text))
        assert caught.value.exit_code == code


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "./x", "d/../x", "y"])), max_size=6))
def test_two_jobs_with_one_output_are_refused_whatever_its_spelling(jobs: list[tuple[str, str]]) -> None:
    style = (StyleFile(Path("style.png")),)
    found = [
        Item(number + 1, Job(Path(f"{source}.mp4"), style, Path(f"{output}.mp4")))
        for number, (source, output) in enumerate(jobs)
    ]
    faults = Faults(Path("jobs.toml"))
    check_places(found, faults)
    names = [Path(output).name for _, output in jobs]
    clashes = len(names) - len(set(names))
    if not clashes:
        faults.end()
        return
    with pytest.raises(FaultsFound) as caught:
        faults.end()
    assert len(caught.value.errors) == clashes
    for error in caught.value.errors:
        assert isinstance(error, OutputError)
        line = int(error.where.split(":")[1])
        assert f"at line {names.index(names[line - 1]) + 1}" in error.what


def test_an_output_may_be_no_input_of_any_job_nor_the_manifest(folder: Path) -> None:
    (folder / "link.mp4").symlink_to("other.mp4")
    job = '[[jobs]]\nstyles = "style.png"\n'
    path = manifest(
        folder,
        f'{job}input = "clip.mp4"\noutput = "link.mp4"\n'
        f'{job}input = "other.mp4"\noutput = "style.png"\n'
        f'{job}input = "clip.mp4"\noutput = "jobs.toml"\n',
    )
    found = told(path)
    for line in (1, 5, 9):
        assert any(text.startswith(f"{line}: ") and "is read by this batch too" in text for text in found)


def test_with_a_root_nothing_leads_out_of_it(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    for name in ("clip.mp4", "style.png"):
        (outside / name).write_bytes((folder / name).read_bytes())
    (folder / "way.mp4").symlink_to(outside / "clip.mp4")
    (folder / "door").symlink_to(outside)
    job = '[[jobs]]\nstyles = "style.png"\n'
    path = manifest(
        folder,
        f'{job}input = "way.mp4"\noutput = "a.mp4"\n'
        f'{job}input = "clip.mp4"\noutput = "door/b.mp4"\n'
        f'[[jobs]]\nstyles = "{outside}/style.png"\ninput = "clip.mp4"\noutput = "c.mp4"\n'
        f'{job}input = "clip.mp4"\noutput = "../d.mp4"\n'
        f'{job}input = "clip.mp4"\noutput = "e.mp4"\n',
    )
    found = told(path, root=folder)
    lines = sorted({int(text.split(":")[0]) for text in found if "leads out of" in text})
    assert lines == [1, 5, 9, 13]
    assert not [text for text in found if "leads out of" not in text]


def test_sources_are_probed_before_anything_begins(folder: Path) -> None:
    (folder / "broken.mp4").write_bytes(b"no video")
    text = '[[jobs]]\ninput = ["broken.mp4", "clip.mp4"]\nstyles = "style.png"\noutput = "{stem}-x.mp4"\n'
    (found,) = told(manifest(folder, text))
    assert found.startswith("1: broken.mp4: ")
    assert not list(folder.glob("*-x.mp4"))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('device = "foo"', "device: foo: "),
        ('codec = "nope"', "codec: "),
        ("pix_fmt = 'yuv420p9'", "pix_fmt: "),
    ],
)
def test_what_planning_finds_wrong_is_told_of_its_own_line(folder: Path, key: str, said: str) -> None:
    text = f'[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\n{key}\noutput = "out.mp4"\n'
    (found,) = told(manifest(folder, text))
    assert found.startswith(f"4: {said}")


def test_devices_of_a_cluster_are_not_looked_for_here(folder: Path) -> None:
    text = '[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\ndevice = "cuda:7"\noutput = "out.mp4"\n'
    assert len(prepare(manifest(folder, text), here=False)) == 1


def test_errors_keep_their_kinds(folder: Path) -> None:
    with pytest.raises(FaultsFound) as caught:
        prepare(manifest(folder, WRONG))
    assert {type(error) for error in caught.value.errors} == {SettingsError, InputError}
