"""Ways to break a file: by accident (bits, holes, lost tails) or on purpose (sizes, times, foreign parts)."""

from __future__ import annotations

import random
import re
import struct
import zlib
from collections.abc import Callable, Sequence

from fuzzing.seeds import HEIGHT, WIDTH

Mutation = Callable[[bytearray, random.Random, Sequence[bytes]], bytearray]

# Where counters wrap, signs turn and products overflow.
_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_SIDES = (0, 1, 3, 31, 8191, 16000, 32767, 65535, 100_000, 2**31 - 1, 2**32 - 1)
# What comes shortly before a time, a rate or a number of frames, and within how many bytes.
_TIMES = (
    *(
        (name, 36)
        for name in (b"mvhd", b"mdhd", b"tkhd", b"elst", b"stts", b"ctts", b"stsz", b"stsc", b"stco")
    ),
    *((name, 24) for name in (b"tfdt", b"trun", b"sidx", b"mfhd")),
    *((name, 40) for name in (b"avih", b"strh")),
    (b"\xe7", 4),  # Matroska: time of a cluster
    (b"\x44\x89", 10),  # its duration
    (b"\x2a\xd7\xb1", 6),  # nanoseconds of its tick
    (b"\xa3", 8),  # a block
    (b"\x00\x00\x01\xe0", 20),  # MPEG-TS: the picture's packets
    (b"\x21\xf9\x04", 5),  # GIF: a frame's delay
)
_HOSTILE_TEXTS = (
    *("%s%n%x", "{stem}{index}{0}{__class__}", "$(touch pwned)", "`touch pwned`", "../../../../etc/passwd"),
    *("[bold]x[/bold]", "\x1b[31mred\x1b[0m", "\u202egpj.exe", "\0", "NaN", "-Infinity", "1e999", "9" * 5000),
    *("[" * 3000, '{"a":' * 2000, "=", '"""', "\r", "\ufeff", "true", "[[jobs]]\n", "#", "input = 1\n"),
)


def mutant(kind: str, content: bytes, others: Sequence[bytes], rng: random.Random) -> tuple[str, bytes]:
    """A broken file, and the name of what broke it.

    Args:
        kind: of file, as `seeds` names it.
        content: a sound one.
        others: sound files of other kinds, to take parts from.
        rng: decides everything.
    """
    ways = [*_ANY, *(_TEXT if kind in ("toml", "json", "csv") else _MEDIA)]
    name, way = rng.choice(ways)
    broken = bytes(way(bytearray(content), rng, others))
    if broken.startswith(b"\x89PNG") and rng.random() < 0.5:
        broken = with_checksums(broken)
    return name, broken


def _flip_few(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    for _ in range(rng.randint(1, 8)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return content


def _flip_many(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    for _ in range(max(1, int(len(content) * rng.uniform(0.001, 0.05)))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return content


def _flip_head(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    for _ in range(rng.randint(1, 6)):
        content[rng.randrange(min(len(content), 400))] ^= 1 << rng.randrange(8)
    return content


def _cut(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    return content[: rng.randrange(len(content))]


def _hole(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    first = rng.randrange(len(content))
    del content[first : first + rng.randint(1, max(2, len(content) // 4))]
    return content


def _blank(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    first = rng.randrange(len(content))
    last = min(len(content), first + rng.randint(1, max(2, len(content) // 4)))
    content[first:last] = bytes([rng.choice((0, 0xFF))]) * (last - first)
    return content


def _repeat(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    first = rng.randrange(len(content))
    piece = content[first : first + rng.randint(1, 2000)]
    place = rng.randrange(len(content))
    content[place:place] = piece * rng.randint(1, 20)
    return content


def _splice_head(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    other = rng.choice(others)
    length = rng.randint(4, min(600, len(other)))
    return bytearray(other[:length]) + content[rng.choice((0, length)) :]


def _splice_tail(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    other = rng.choice(others)
    return content[: rng.randrange(len(content))] + bytearray(other[rng.randrange(len(other)) :])


def _number(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    """A field of a header, which stands at the front or, in MP4, at the end."""
    size = rng.choice((1, 2, 4, 8))
    near = rng.randrange(min(len(content), 1500))
    place = near if rng.random() < 0.5 else max(0, len(content) - size - near)
    _put(content, place, size, rng.choice(_EXTREMES), rng)
    return content


def _dimensions(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    """Another width or height wherever the right one stands, in any way of writing it."""
    width, height = rng.choice(_SIDES), rng.choice(_SIDES)
    if rng.random() < 0.3:
        height = HEIGHT
    found = False
    for form in (">HH", "<HH", ">II", "<II"):
        bits = 8 * struct.calcsize(form[1])
        for told, new in (
            ((WIDTH, HEIGHT), (width, height)),
            ((HEIGHT, WIDTH), (height, width)),
            ((WIDTH << 16, HEIGHT << 16), (width << 16, height << 16)),  # an MP4's track header
        ):
            if max(told) >= 1 << bits:
                continue
            old = struct.pack(form, *told)
            wanted = struct.pack(form, *(side & ((1 << bits) - 1) for side in new))
            found = found or old in content
            content = content.replace(old, wanted)
    for old_text, side in ((b"W64 ", b"W%d "), (b"H48 ", b"H%d "), (b"64 48\n", b"%d 48\n")):
        found = found or old_text in content
        content = content.replace(old_text, side % width, 1)
    for tag, told_side in ((b"\xb0\x81", WIDTH), (b"\xba\x81", HEIGHT)):  # Matroska's elements
        content = content.replace(tag + bytes([told_side]), tag + bytes([width & 0xFF]))
    for tag_number, told_side in ((256, WIDTH), (257, HEIGHT)):  # TIFF's directory
        old = struct.pack("<HHIH", tag_number, 3, 1, told_side)
        content = content.replace(old, struct.pack("<HHIH", tag_number, 3, 1, width & 0xFFFF))
    return content if found else _number(content, rng, others)


def _times(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    """Another time, rate or count in a place that holds one."""
    places = [
        (found.end(), reach)
        for mark, reach in _TIMES
        for found in re.finditer(re.escape(mark), bytes(content))
    ]
    rate = re.search(rb" F8:1 ", bytes(content))
    if rate:
        hostile = rng.choice((b" F0:0 ", b" F1:4000000000 ", b" F4294967295:1 ", b" F-8:1 ", b" F8:0 "))
        content[rate.start() : rate.end()] = hostile
        return content
    if not places:
        return _number(content, rng, others)
    for _ in range(rng.randint(1, 3)):
        start, reach = rng.choice(places)
        size = rng.choice((1, 2, 4, 4, 8))
        place = start + rng.randrange(max(1, reach - size))
        _put(content, place, size, rng.choice((*_EXTREMES, rng.getrandbits(32))), rng)
    return content


def _put(content: bytearray, place: int, size: int, value: int, rng: random.Random) -> None:
    field = (value & ((1 << 8 * size) - 1)).to_bytes(size, rng.choice(("big", "little")))
    content[place : place + size] = field[: max(0, len(content) - place)]


def _text(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    """A hostile word at any place, or in place of a value."""
    word = rng.choice(_HOSTILE_TEXTS).encode()
    values = list(re.finditer(rb'"[^"\n]*"|\b\d[\d.]*\b', bytes(content)))
    if values and rng.random() < 0.6:
        old = rng.choice(values)
        quoted = b'"' + word.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        content[old.start() : old.end()] = quoted if rng.random() < 0.7 else word
    else:
        place = rng.randrange(len(content))
        content[place:place] = word
    return content


def _shuffle_lines(content: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    lines = bytes(content).splitlines(keepends=True)
    rng.shuffle(lines)
    return bytearray(b"".join(lines[: rng.randint(1, len(lines))]))


def with_checksums(png: bytes) -> bytes:
    """A PNG whose chunks' checksums fit what they hold, so that a decoder looks at it at all."""
    content, place = bytearray(png), 8
    while place + 12 <= len(content):
        end = place + 8 + int.from_bytes(content[place : place + 4])
        if end + 4 > len(content):
            break
        content[end : end + 4] = zlib.crc32(content[place + 4 : end]).to_bytes(4)
        place = end + 4
    return bytes(content)


_ANY: tuple[tuple[str, Mutation], ...] = (
    ("a few bits flipped", _flip_few),
    ("many bits flipped", _flip_many),
    ("bits of the header flipped", _flip_head),
    ("cut short", _cut),
    ("a hole", _hole),
    ("a part blanked", _blank),
    ("a part repeated", _repeat),
    ("another file's head", _splice_head),
    ("another file's tail", _splice_tail),
)
_MEDIA: tuple[tuple[str, Mutation], ...] = (
    ("an extreme number", _number),
    ("hostile dimensions", _dimensions),
    ("hostile dimensions", _dimensions),
    ("hostile times", _times),
    ("hostile times", _times),
)
_TEXT: tuple[tuple[str, Mutation], ...] = (
    ("a hostile word", _text),
    ("a hostile word", _text),
    ("a hostile word", _text),
    ("lines shuffled", _shuffle_lines),
)
MUTATIONS = tuple(dict.fromkeys(name for name, _ in (*_ANY, *_MEDIA, *_TEXT)))
