"""The names of outputs, from a template."""

from __future__ import annotations

import re
from string import Formatter

from vidstyle.errors import SettingsError
from vidstyle.faults import nearest

FIELDS = ("stem", "style", "index")
_DIGITS = re.compile(r"0?[1-9]?")  # {index:03}: padded to a width, of one digit for sanity


def expand(template: str, *, stem: str, style: str, index: int, key: str = "output") -> str:
    """The name that a template gives.

    Args:
        template: text with {stem}, {style} and {index}; {index:03} is padded to three digits, and a
            brace that is meant is written twice.
        stem: of the source's name.
        style: the stems of the styles' names, joined by "+".
        index: number of the source among those of its job, from 1.
        key: of the manifest, for messages.

    Raises:
        SettingsError: another field, or a brace that is not closed.
    """
    values = {"stem": stem, "style": style}
    made = []
    for literal, name, form, conversion in _pieces(template, key):
        made.append(literal)
        if name is None:
            continue
        if name not in FIELDS:
            raise SettingsError(
                f"{template!r} has no field {{{name}}}", where=key, hint=nearest(name, FIELDS)
            )
        if conversion or not (_DIGITS.fullmatch(form or "") if name == "index" else not form):
            raise SettingsError(
                f"{template!r} writes {{{name}}} in a way unknown here",
                where=key,
                hint="Only {index:03} has a form.",
            )
        made.append(format(index, form or "") if name == "index" else values[name])
    return "".join(made)


def matching(template: str) -> re.Pattern[str]:
    """What all names have in common that a template gives, whatever the stems, styles and indices.

    Raises:
        SettingsError: a brace is not closed.
    """
    any_of = {"stem": r"[^/\\]+", "style": r"[^/\\]+", "index": r"\d+"}
    return re.compile(
        "".join(
            re.escape(text) + any_of.get(name or "", "") for text, name, _, _ in _pieces(template, "output")
        )
    )


def _pieces(template: str, key: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """Literal text, and the name, form and conversion of the field after it."""
    try:
        return list(Formatter().parse(template))
    except ValueError as error:
        raise SettingsError(
            f"{template!r} has a brace that stands alone",
            where=key,
            hint="Write {{ or }} for the brace itself.",
        ) from error
