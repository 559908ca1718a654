"""On which line a key of a TOML or JSON file stands: the standard library's parsers do not tell.

The files have been parsed before, so these know only as much grammar as it takes to find the keys.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

Key = tuple[str | int, ...]

# Strings come first, so that brackets and signs within them are passed over. A multi-line string may
# end with up to two quotes of its own before the closing three.
_TOML_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=,.\n]"
    r"""|[^\s\[\]{}=,.\#"']+""",
    re.DOTALL,
)
_JSON_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)


@dataclass
class Lines:
    """Lines of keys; a key is the path of names and positions that leads to it.

    Attributes:
        repeated: lines of keys that JSON accepts twice in one object.
    """

    found: dict[Key, int] = field(default_factory=dict)
    repeated: dict[Key, int] = field(default_factory=dict)

    def of(self, *key: str | int) -> int:
        """The line of a key, or of the nearest thing around it that has one; 0 where nothing has."""
        while key and key not in self.found:
            key = key[:-1]
        return self.found.get(key, 0)

    def add(self, key: Key, line: int) -> None:
        """Note where a key stands, unless it is known already."""
        self.found.setdefault(key, line)


@dataclass(frozen=True)
class Token:
    """A piece of the text and the line that it begins on."""

    text: str
    line: int


def toml_lines(text: str) -> Lines:
    """Lines of the keys of well-formed TOML; of keys in inline tables, those of the key that holds them."""
    lines = Lines()
    prefix: Key = ()
    counts: dict[Key, int] = {}  # tables so far in each array of tables, less one
    for statement in _statements(text):
        line = statement[0].line
        if statement[0].text != "[":
            equals = next(place for place, token in enumerate(statement) if token.text == "=")
            _add_all(lines, prefix, _names(statement[:equals]), line)
            continue
        many = len(statement) > 1 and statement[1].text == "["
        names = _names([token for token in statement if token.text not in ("[", "]")])
        prefix = ()
        for place, name in enumerate(names):
            prefix = (*prefix, name)
            lines.add(prefix, line)
            if many and place == len(names) - 1:
                counts[prefix] = counts.get(prefix, -1) + 1
            if prefix in counts:  # a name of an array of tables means its latest
                prefix = (*prefix, counts[prefix])
        lines.add(prefix, line)
    return lines


def json_lines(text: str) -> Lines:
    """Lines of the keys of well-formed JSON, and of the items of its lists."""
    lines = Lines()
    around: list[Key] = []  # the keys of the objects and lists that are open, outermost first
    here: Key = ()
    expects_name = False
    for token in _tokens(_JSON_TOKEN, text):
        if token.text in ("{", "["):
            around.append(here)
            expects_name = token.text == "{"
            if token.text == "[":
                here = (*here, 0)
        elif token.text in ("}", "]"):
            here, expects_name = around.pop(), False
        elif token.text == ",":
            last = here[-1]
            expects_name = isinstance(last, str)
            here = here if isinstance(last, str) else (*here[:-1], last + 1)
            continue
        elif expects_name:
            here = (*around[-1], json.loads(token.text))
            if here in lines.found:
                lines.repeated.setdefault(here, token.line)
            expects_name = False
        lines.add(here, token.line)
    return lines


def _add_all(lines: Lines, prefix: Key, names: list[str], line: int) -> None:
    for name in names:
        prefix = (*prefix, name)
        lines.add(prefix, line)


def _statements(text: str) -> Iterator[list[Token]]:
    """The statements of TOML: `[header]`s, and keys with their values."""
    statement: list[Token] = []
    depth = 0
    for token in _tokens(_TOML_TOKEN, text):
        if token.text.startswith("#") or (token.text == "\n" and (depth or not statement)):
            continue
        if token.text == "\n":
            yield statement
            statement = []
            continue
        depth += (token.text in ("[", "{")) - (token.text in ("]", "}"))
        statement.append(token)
    if statement:
        yield statement


def _names(tokens: list[Token]) -> list[str]:
    """The names of a dotted key, unquoted."""
    return [_unquoted(token.text) for token in tokens if token.text != "."]


def _unquoted(text: str) -> str:
    return str(tomllib.loads(f"name = {text}")["name"]) if text[0] in "\"'" else text


def _tokens(pattern: re.Pattern[str], text: str) -> Iterator[Token]:
    line, end = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield Token(match.group(), line)
