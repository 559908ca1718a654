from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown_media import BLACK, RATE, texture, write_film

from vidstyle.media import probe, write_picture
from vidstyle.pipeline import Job, StyleFile
from vidstyle.preview import moments, spread, survey
from vidstyle.preview.moments import Survey

SHOTS = st.lists(st.integers(1, 30), min_size=1, max_size=12).map(
    lambda lengths: [
        tuple(Fraction(sum(lengths[:n]) + step) for step in range(length)) for n, length in enumerate(lengths)
    ]
)


@given(SHOTS, st.integers(1, 12))
def test_moments_rise_and_are_moments_of_the_shots(shots: list, count: int) -> None:
    chosen = spread(shots, count)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= {moment for shot in shots for moment in shot}
    assert len(chosen) == count or count > min(map(len, shots))


@given(SHOTS, st.integers(1, 12))
def test_no_shot_is_shown_twice_before_every_shot_is_shown(shots: list, count: int) -> None:
    chosen = spread(shots, count)
    shown = [sum(moment in shot for moment in chosen) for shot in shots]
    assert max(shown) == 1 if count <= len(shots) else min(shown) >= 1


def test_a_long_shot_is_shown_more_often_than_short_ones() -> None:
    shots = [tuple(map(Fraction, range(60))), (Fraction(60), Fraction(61)), (Fraction(62), Fraction(63))]
    assert spread(shots, 5) == [10, 30, 50, 61, 63]


def test_of_many_shots_those_that_are_shown_lie_apart_and_are_long() -> None:
    lengths = [1, 9, 1, 1, 1, 9]
    begins = [sum(lengths[:n]) for n in range(6)]
    shots = [tuple(Fraction(b + n) for n in range(length)) for b, length in zip(begins, lengths, strict=True)]
    assert spread(shots, 2) == [shots[1][4], shots[5][4]]


def test_nothing_is_chosen_of_nothing() -> None:
    assert spread([], 3) == []


def surveyed(path: Path, **changes: object) -> Survey:
    job = Job(path, (StyleFile(path),), path.with_name("out.mkv"), **changes)  # type: ignore[arg-type]
    return survey(job, probe(path, rate=job.rate))


def test_the_shots_of_a_short_film_are_found_to_the_frame(film: Path) -> None:
    found = surveyed(film)
    assert found.whole
    assert [[moment * RATE for moment in shot] for shot in found.shots] == [
        list(range(16)),
        list(range(16, 24)),
        list(range(24, 32)),
    ]


def test_a_stretch_alone_is_looked_at(film: Path) -> None:
    found = surveyed(film, start=Fraction(20, RATE), duration=Fraction(6, RATE))
    assert [[moment * RATE for moment in shot] for shot in found.shots] == [[20, 21, 22, 23], [24, 25]]


def test_black_frames_are_not_shown(tmp_path: Path) -> None:
    found = surveyed(write_film(tmp_path / "film.mp4", (6, 6, 6), (BLACK, 10, BLACK)))
    assert [[moment * RATE for moment in shot] for shot in found.shots] == [[6, 7, 8, 9, 10, 11]]


def test_a_film_of_nothing_but_black_is_shown_all_the_same(tmp_path: Path) -> None:
    found = surveyed(write_film(tmp_path / "film.mp4", (4,), (BLACK,)))
    assert [len(shot) for shot in found.shots] == [4]


def test_a_long_film_is_judged_by_its_keyframes(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "SCANNED", 10 * 64 * 48)
    monkeypatch.setattr(moments, "SAMPLES", 8)
    found = surveyed(film)
    assert not found.whole
    assert [[moment * RATE for moment in shot] for shot in found.shots] == [[2, 4, 8, 12], [16, 20], [24, 28]]


def test_where_keyframes_are_far_apart_moments_between_them_are_shown(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "SCANNED", 10 * 64 * 48)
    monkeypatch.setattr(moments, "SAMPLES", 16)
    found = surveyed(film, start=Fraction(14, RATE))
    assert [len(shot) for shot in found.shots] == [2, 7, 7]
    assert all(moment * RATE >= 14 for shot in found.shots for moment in shot)
    assert len({moment for shot in found.shots for moment in shot}) == 16


def test_of_a_long_film_that_cannot_be_searched_the_beginning_is_looked_at(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "SCANNED", 10 * 64 * 48)
    monkeypatch.setattr(moments, "keyframes_near", lambda *_: iter(()))
    found = surveyed(film)
    assert not found.whole
    assert [[moment * RATE for moment in shot] for shot in found.shots] == [list(range(10))]


def test_many_numbered_pictures_are_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        write_picture(tmp_path / f"frame_{number:02}.png", texture(10 + number // 6))
    monkeypatch.setattr(moments, "SAMPLES", 4)
    found = surveyed(tmp_path / "frame_%02d.png", rate=Fraction(RATE))
    assert not found.whole
    assert [[moment * RATE for moment in shot] for shot in found.shots] == [[2, 5], [8, 11]]


def test_a_picture_has_one_moment(styles: tuple[Path, Path]) -> None:
    assert surveyed(styles[0]) == Survey(((Fraction(0),),), whole=True)
