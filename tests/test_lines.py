"""The line of a key is found wherever the key stands, whatever the values around it hold."""

from __future__ import annotations

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from vidstyle.lines import json_lines, toml_lines

# What would lead a careless search astray.
TRAPS = st.text(alphabet="ab =[]{}#\"'\\\n,.", max_size=12)
NAMES = st.text(alphabet="abc_-1", min_size=1, max_size=5)


def basic(text: str) -> str:
    return json.dumps(text)  # a basic string of TOML may be written so


def multiline(text: str) -> str:
    return '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, dict[tuple[str | int, ...], int]]:
    """A manifest of TOML, and the lines of its keys."""
    lines: list[str] = []
    wanted: dict[tuple[str | int, ...], int] = {}
    for number in range(draw(st.integers(1, 4))):
        lines += draw(st.lists(st.sampled_from(["", "# [[jobs]] a = 1", "   "]), max_size=2))
        wanted["jobs", number] = len(lines) + 1
        lines.append("[[jobs]] # input = 3")
        for name in draw(st.lists(NAMES, unique=True, max_size=4)):
            wanted["jobs", number, name] = len(lines) + 1
            write = draw(st.sampled_from([basic, multiline]))
            value = write(draw(TRAPS))
            if draw(st.booleans()):
                value = f"[\n  {value}, # ]\n  {basic(draw(TRAPS))},\n]"
            lines += f"{draw(st.sampled_from([name, basic(name)]))} = {value} # b = 1".split("\n")
    return "\n".join(lines), wanted


@given(tables())
def test_keys_of_toml_are_found(written: tuple[str, dict[tuple[str | int, ...], int]]) -> None:
    text, wanted = written
    tomllib.loads(text)  # else the test would be about nothing
    lines = toml_lines(text)
    assert {key: lines.of(*key) for key in wanted} == wanted


VALUES = st.recursive(
    TRAPS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRAPS, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=4))
def test_keys_of_json_are_found(jobs: list[dict[str, object]]) -> None:
    text = json.dumps({"jobs": jobs}, indent=1)
    lines = json_lines(text)
    # Indented by one space a level, a key of a job stands after three.
    keys = [(number, name) for number, job in enumerate(jobs) for name in job]
    own = [
        place
        for place, line in enumerate(text.split("\n"), start=1)
        if line.startswith('   "') and not line.startswith("    ")
    ]
    assert [lines.of("jobs", number, name) for number, name in keys] == own
    assert not lines.repeated


def test_tables_within_jobs_and_dotted_keys_belong_to_their_job() -> None:
    text = 'a.b = 1\n[[jobs]]\nx = 1\n[jobs.encoder_options]\ntune = "film"\n[[jobs]]\ny.z = 2\n'
    lines = toml_lines(text)
    assert lines.of("a") == 1
    assert lines.of("jobs", 0, "encoder_options") == 4
    assert lines.of("jobs", 0, "encoder_options", "tune") == 5
    assert lines.of("jobs", 1, "y") == 7
    assert lines.of("jobs", 1, "unknown") == 6, "what has no line of its own has that of its surroundings"


def test_a_key_that_json_gives_twice_is_noticed() -> None:
    lines = json_lines('{"jobs": [\n{"a": 1,\n "a": 2}, {"a": 3}]}')
    assert lines.repeated == {("jobs", 0, "a"): 3}
