"""From a manifest to jobs: values read, defaults filled in, globs and templates expanded."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidstyle.batch.keys import ENCODING, KEYS, LIMITS, READING, SETTINGS, from_text
from vidstyle.batch.made import Made
from vidstyle.batch.manifest import Entry, Manifest, Value
from vidstyle.batch.template import expand
from vidstyle.errors import InputError, SettingsError, VidstyleError
from vidstyle.faults import Faults, nearest
from vidstyle.media import Encoding, Limits
from vidstyle.media.sequence import is_pattern, is_sequence
from vidstyle.pipeline import Job, MaskFile, StyleFile, read_schedule
from vidstyle.presets import preset
from vidstyle.settings import OF_LIVE, Settings
from vidstyle.written import NONE

REQUIRED = ("input", "styles", "output")


@dataclass(frozen=True)
class Item:
    """One job of a batch, and where the manifest asks for it.

    Attributes:
        line: of the manifest.
        job: what to do.
        lines: of the keys that the job is made of.
    """

    line: int
    job: Job
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Override:
    """What the command line says of all jobs, whatever the manifest says.

    Attributes:
        device: where to compute; None leaves it to the manifest.
        overwrite: existing outputs are replaced.
        restart: what earlier runs left is dropped.
        limits: by name; those that are not given are left to the manifest.
        split: stretches into which long shots are cut, to be painted side by side on many machines.
    """

    device: str | None = None
    overwrite: bool = False
    restart: bool = False
    split: int = 1
    limits: Mapping[str, Any] = field(default_factory=dict)


def items(manifest: Manifest, faults: Faults, override: Override | None = None) -> list[Item]:
    """The jobs that a manifest asks for, in its order; paths are relative to its folder.

    Args:
        manifest: the file's entries.
        faults: told of unknown keys, values that cannot be used, globs that match nothing.
        override: of the command line.
    """
    defaults, bad = _values(manifest.defaults, manifest.written, faults)
    made = Made(manifest)
    found: list[Item] = []
    for entry in manifest.jobs:
        own, own_bad = _values(entry, manifest.written, faults)
        wrong = own_bad | (bad - own.keys())
        given = {**defaults, **own}
        with faults.at(entry.line):
            missing = [key for key in REQUIRED if key not in given and key not in wrong]
            if missing:
                raise SettingsError(
                    f"gives no {' and no '.join(missing)}", hint="Every job needs input, styles and output."
                )
        asked = _Asked(entry, given, manifest.path.parent, override or Override(), made)
        # Also of a job that cannot be made: what else is wrong with it should be told at once.
        jobs = list(asked.jobs(faults))
        found += [] if wrong or missing else jobs
    return found


def _values(entry: Entry, written: bool, faults: Faults) -> tuple[dict[str, Value], set[str]]:
    """The values of an entry, read; and the keys whose values cannot be used."""
    read: dict[str, Value] = {}
    bad = set()
    quality = entry.values.get("quality")
    chosen = Settings()
    with suppress(VidstyleError):  # which is told where the key is read
        chosen = preset("standard" if quality is None else str(quality.value))
    for key, value in entry.values.items():
        bad.add(key)
        with faults.at(value.line, key):
            if key not in KEYS:
                raise SettingsError("no such key", hint=nearest(key, KEYS))
            plain = from_text(key, value.value) if written else value.value
            read[key] = Value(KEYS[key](plain), value.line)
            if key in SETTINGS:
                _try_setting(key, read[key].value, chosen.quality)
            bad.remove(key)
    return {key: value for key, value in read.items() if key not in bad}, bad


def _try_setting(key: str, value: Any, quality: str) -> None:
    """Refuse a setting that is out of its range, whatever the others are."""
    if key in OF_LIVE:  # whether the job has that quality shows when it is made
        Settings.preset("live", **{key: value})
    elif key == "min_steps":
        Settings.preset(quality, min_steps=value, steps=max(value, 1))
    elif key not in ("quality", "schedule"):
        Settings.preset(quality, **{key: value})


@dataclass(frozen=True)
class _Asked:
    """The values of one entry, with the defaults that it does not override."""

    entry: Entry
    given: Mapping[str, Value]
    folder: Path
    override: Override
    made: Made

    def jobs(self, faults: Faults) -> Iterator[Item]:
        """A job for each source, unless something about all of them is wrong."""
        lines = {key: value.line for key, value in self.given.items()}
        settings: Settings | None = None
        styles: tuple[StyleFile, ...] | None = None
        with faults.at(self.entry.line, lines=lines):
            settings = self._settings()
        with faults.at(self.entry.line, lines=lines):
            styles = self._styles(faults)
        sources = list(self._sources(faults))
        with faults.at(self.entry.line, lines=lines):
            expand(self._value("output", ""), stem="", style="", index=1)
        if settings is None or styles is None or "output" not in self.given:
            return
        for index, source in enumerate(sources, start=1):
            job = None
            with faults.at(self.entry.line, lines=lines):
                job = self._job(settings, source, styles, index)
            if job is not None:
                yield Item(self.entry.line, job, lines)

    def _value(self, key: str, default: Any = None) -> Any:
        return self.given[key].value if key in self.given else default

    def _job(self, settings: Settings, source: Path, styles: tuple[StyleFile, ...], index: int) -> Job:
        masks = self._masks(source, index)
        painted = [style.path for style in styles] + [mask.style for mask in masks if mask.style is not None]
        name = expand(
            self._value("output"),
            stem=source.stem,
            style="+".join(path.stem for path in painted),
            index=index,
        )
        encoding = {key: self._value(key) for key in ENCODING if key in self.given}
        limits = {key: self._value(key) for key in LIMITS if key in self.given} | dict(self.override.limits)
        reading = {key: self._value(key) for key in READING if key in self.given}
        encoding["options"] = encoding.pop("encoder_options", {})
        return Job(
            source=source,
            styles=styles,
            masks=masks,
            output=self.folder / name,
            settings=settings,
            encoding=Encoding(**encoding),
            size=self._value("size"),
            start=self._value("start"),
            duration=self._value("duration"),
            compare=self._value("compare"),
            overwrite=self.override.overwrite or self._value("overwrite", False),
            restart=self.override.restart,
            split=self.override.split,
            limits=Limits(**limits),
            **reading,
        )

    def _settings(self) -> Settings:
        values = {key: value.value for key, value in self.given.items() if key in SETTINGS}
        quality = values.pop("quality", "standard")
        for name in values.keys() & {"weights", "model"}:
            values[name] = _existing(self.folder / values[name], name)
        if "schedule" in values:
            styles = len(self._value("styles", ()))
            file = _existing(self.folder / values["schedule"], "schedule")
            values["schedule"] = read_schedule(file, styles=styles, quality=preset(quality).quality)
        if self.override.device is not None:
            values["device"] = self.override.device
        return preset(quality, **values)

    def _masks(self, source: Path, index: int) -> tuple[MaskFile, ...]:
        """The masks of one source, whose names may tell its own."""
        named: Mapping[str, str] = self._value("masks", {})
        found = []
        for template, style in named.items():
            mask = expand(template, stem=source.stem, style="", index=index, key="masks")
            painted = None if style == NONE else _existing(self.folder / style, "masks")
            found.append(MaskFile(_existing(self.folder / mask, "masks"), painted))
        return tuple(found)

    def _styles(self, faults: Faults) -> tuple[StyleFile, ...] | None:
        """The styles of what no mask covers; None if one is missing."""
        names: tuple[str, ...] = self._value("styles", ())
        if names == (NONE,):
            return ()
        found = []
        for name in names:
            with faults.at(self.given["styles"].line):
                found.append(_existing(self.folder / name, "styles"))
        weights: tuple[float, ...] = self._value("style_weights", (1.0,) * len(names))
        if names and len(weights) != len(names):
            raise SettingsError(
                f"has {len(weights)} for {len(names)} styles",
                where="style_weights",
                hint="Give one weight for each style, in the same order.",
            )
        if not names or len(found) < len(names):
            return None
        return tuple(StyleFile(path, weight) for path, weight in zip(found, weights, strict=True))

    def _sources(self, faults: Faults) -> Iterator[Path]:
        """The files of names and patterns, each once, those of a pattern in the order of their names."""
        seen = set()
        for pattern in self._value("input", ()):
            matches: list[Path] = []
            with faults.at(self.given["input"].line):
                matches = self._matches(pattern)
            for match in matches:
                if match not in seen:
                    seen.add(match)
                    yield match

    def _matches(self, pattern: str) -> list[Path]:
        path = self.folder / pattern
        if not glob.has_magic(pattern) or path.exists():  # "take [1].mp4" may be a file's plain name
            return [path if is_pattern(path) and is_sequence(path) else _existing(path, "input")]
        names = glob.iglob(pattern, root_dir=self.folder, recursive=True)  # noqa: PTH207 - absolute ones too
        paths = sorted(self.folder / name for name in names)
        matches = [path for path in paths if path.is_file() and path not in self.made]
        if not matches:
            raise InputError(
                f"{pattern!r} matches no file", where="input", hint="Patterns start at the manifest's folder."
            )
        return matches


def _existing(path: Path, key: str) -> Path:
    if not path.exists():
        raise InputError(f"no such file: {path}", where=key, hint="Paths start at the manifest's folder.")
    return path
