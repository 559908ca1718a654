"""What a file holds, without reading it through."""

from fractions import Fraction

import pytest

from vidstyle.media import DecodeFaults, probe, read


def test_a_film_is_described(make_video):
    path = make_video(sounds=["aac", "aac"], languages=["eng", "fra"], metadata={"title": "A walk"})
    info = probe(path)
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 64, 48)
    assert info.video.frames == 12
    assert info.video.rate == 25
    assert info.duration == Fraction(12, 25)
    assert info.start == 0
    assert not info.is_picture
    assert [(a.codec, a.language, a.details) for a in info.audio] == [
        ("aac", "eng", "48000 Hz, stereo"),
        ("aac", "fra", "48000 Hz, stereo"),
    ]
    assert info.metadata["title"] == "A walk"


def test_frames_are_estimated_where_a_file_does_not_count_them(make_video):
    path = make_video("clip.mkv", pts=range(50))
    info = probe(path)
    assert info.video.frames == 50
    assert info.frames_between(Fraction(1), None) == 25
    half = Fraction(1, 2)
    assert info.frames_between(None, half) == len(list(read(path, duration=half))) == 13
    assert info.frames_between() == 50


@pytest.mark.parametrize("first", [0, 10])
def test_sound_that_outlasts_the_picture_makes_it_no_longer(make_video, first):
    path = make_video("clip.mkv", pts=range(first, first + 12), sounds=["libopus"], sound_length=3.0)
    info = probe(path)
    assert info.duration == Fraction(first + 12, 25)  # from where the sound begins
    assert info.video.frames == 12
    faults = DecodeFaults()
    assert len(list(read(path, faults=faults))) == 12
    assert not faults.describe()


def test_sound_that_leads_counts_as_the_start_and_its_run_in_does_not(make_video):
    assert probe(make_video("together.mp4", sounds=["aac"])).start == 0
    assert probe(make_video("together.mkv", sounds=["libopus"])).start == 0
    assert probe(make_video("late.mp4", sounds=["aac"], pts=range(10, 22))).start == 0
    assert probe(make_video("later.mp4", pts=range(10, 22))).start == Fraction(2, 5)


def test_a_picture_that_comes_after_its_sound_lasts_to_its_own_end(make_video):
    path = make_video("late.mp4", sounds=["aac"], pts=range(25, 50), sound_length=1.5)
    info = probe(path)
    assert (info.start, info.duration) == (0, 2)
    assert info.frames_between() == 25
    assert info.frames_between(Fraction(1, 2)) == len(list(read(path, start=Fraction(1, 2)))) == 25
    assert info.frames_between(Fraction(3, 2)) == len(list(read(path, start=Fraction(3, 2)))) == 12
    faults = DecodeFaults()
    list(read(path, faults=faults))
    assert not faults.describe()
