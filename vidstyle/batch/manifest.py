"""The file of a batch: TOML, JSON or CSV, read into the same entries, with the line of every key."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError, SettingsError, VidstyleError
from vidstyle.faults import Faults, nearest
from vidstyle.lines import Lines, json_lines, toml_lines
from vidstyle.text_files import telling_form, text_of, toml_of


@dataclass(frozen=True)
class Value:
    """A value as it stands in the file.

    Attributes:
        value: plain data; always text from a CSV.
        line: of its key, from 1.
    """

    value: Any
    line: int


@dataclass(frozen=True)
class Entry:
    """The keys of one job, or of the defaults.

    Attributes:
        line: where it begins, from 1.
        values: by key.
    """

    line: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Manifest:
    """What a file asks for, not checked beyond its form.

    Attributes:
        path: the file.
        defaults: keys that hold for every job that does not give them.
        jobs: at least one.
        written: values are text, as in CSV, and lists are written with semicolons.
    """

    path: Path
    defaults: Entry
    jobs: tuple[Entry, ...]
    written: bool = False


def read_manifest(path: Path) -> Manifest:
    """Read the file of a batch; its suffix says the format.

    Raises:
        FaultsFound: with all that is wrong with its form: no such file, no such format, not
            well-formed, unknown tables, no jobs.
    """
    faults = Faults(path)
    manifest = None
    with faults.at(0):
        text = _text(path)
        suffix = path.suffix.lower()
        if suffix == ".csv":
            manifest = _from_rows(path, text, faults)
        elif suffix in _PARSERS:
            parse, find_lines = _PARSERS[suffix]
            manifest = _from_tables(path, parse(text), find_lines(text), faults)
        else:
            raise SettingsError(
                "is no manifest that vidstyle reads", hint="Name it .toml, .json or .csv, by what it holds."
            )
    faults.end()
    if manifest is None:
        raise InputError("holds no jobs", where=path)
    return manifest


def _text(path: Path) -> str:
    try:
        return text_of(path)
    except FileNotFoundError as error:
        raise InputError("no such file", hint="Check the manifest's path.") from error


def _json(text: str) -> Any:
    with telling_form("JSON"):
        return json.loads(text)


_PARSERS: dict[str, tuple[Callable[[str], Any], Callable[[str], Lines]]] = {
    ".toml": (toml_of, toml_lines),
    ".json": (_json, json_lines),
}


def _from_tables(path: Path, tables: Any, lines: Lines, faults: Faults) -> Manifest:
    """The manifest of nested tables."""
    if not isinstance(tables, dict):
        raise SettingsError("is a list", hint='Write {"jobs": [...]}.')
    for name in tables.keys() - {"defaults", "jobs"}:
        with faults.at(lines.of(name), name):
            raise SettingsError("no such table", hint=nearest(name, ("defaults", "jobs")))
    jobs: tuple[Entry, ...] = ()
    with faults.at(lines.of("jobs"), "jobs"):
        listed = tables.get("jobs", [])
        if not isinstance(listed, list):
            raise SettingsError("is one table", hint="Write each job under [[jobs]], in double brackets.")
        if not listed:
            raise InputError("there is none", hint="Add one: [[jobs]].")
        jobs = tuple(
            entry
            for number, table in enumerate(listed)
            if (entry := _entry(table, lines, faults, "jobs", number)) is not None
        )
    defaults = _entry(tables.get("defaults", {}), lines, faults, "defaults")
    return Manifest(path, defaults or Entry(0, {}), jobs)


def _entry(table: Any, lines: Lines, faults: Faults, *place: str | int) -> Entry | None:
    line = lines.of(*place)
    with faults.at(line, str(place[0])):
        if not isinstance(table, dict):
            raise SettingsError(f"holds {table!r}, not keys with values", hint="Write input = ... and so on.")
        values = {name: Value(value, lines.of(*place, name)) for name, value in table.items()}
        for name in table:
            if again := lines.repeated.get((*place, name)):
                with faults.at(again, name):
                    raise SettingsError("is given twice", hint="Keep one of them.")
        return Entry(line, values)
    return None


def _from_rows(path: Path, text: str, faults: Faults) -> Manifest:
    """The manifest of a table: keys in the first row, a job in each that follows."""
    rows = _rows(text)
    header_line, header = next(rows, (1, []))
    for name in {name for name in header if header.count(name) > 1}:
        with faults.at(header_line, name):
            raise SettingsError("is given twice", hint="Keep one of these columns.")
    jobs = []
    for line, row in rows:
        with faults.at(line):
            if len(row) > len(header):
                raise SettingsError(
                    f"has {len(row)} cells in {len(header)} columns",
                    hint="Put text that holds a comma in double quotes.",
                )
            cells = zip(header, row, strict=False)
            jobs.append(Entry(line, {name: Value(cell, line) for name, cell in cells if cell}))
    if not jobs and not faults:
        raise InputError("holds no jobs", hint="Write keys in the first row, and a job in each that follows.")
    return Manifest(path, Entry(header_line, {}), tuple(jobs), written=True)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line that it begins on."""
    reader, line = csv.reader(io.StringIO(text), strict=True), 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _malformed(error, line) from error


def _malformed(error: csv.Error, line: int) -> VidstyleError:
    return SettingsError(f"is not well-formed CSV ({error}, at line {line})", hint="Mend it there.")
