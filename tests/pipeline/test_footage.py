"""What a style is practised on: frames of all of a clip, the same whichever part of it is painted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import make_picture

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media import DecodeFaults, Reading
from vidstyle.pipeline import Job, Plan, StyleFile, plan
from vidstyle.pipeline.footage import FRAMES, THROUGH, Footage, footage_of, shuffled, spread, with_before
from vidstyle.pipeline.stretch import all_frames
from vidstyle.settings import Settings

import av  # isort: skip  (after cv2)

SIZE = (32, 48)
LIVE = Settings.preset("live")


def picture_of(number: int) -> np.ndarray:
    """(H, W, 3) uint8 that tells its number, below 625, through any codec."""
    pixels = np.empty((*SIZE, 3), np.uint8)
    pixels[:, :24], pixels[:, 24:] = 20 + 8 * (number // 25), 20 + 8 * (number % 25)
    return pixels


def number_of(pixels: np.ndarray) -> int:
    left, right = pixels[4:-4, 4:20].mean(), pixels[4:-4, 28:-4].mean()
    return 25 * round((left - 20) / 8) + round((right - 20) / 8)


def film(path: Path, count: int, *, gop: int = 250, ticks: int = 1) -> Path:
    """A clip of numbered frames at 25 a second; every third is shown for so many ticks."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "4", "g": str(gop)})
        video.width, video.height, video.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        pts = 0
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture_of(number))
            frame.pts, frame.time_base = pts, Fraction(1, 25)
            pts += ticks if number % 3 == 0 else 1
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def numbers_of(path: Path) -> list[int]:
    """Of the frames; each comes with the one before it."""
    seen = [[number_of(pixels) for pixels in glimpse] for glimpse in Footage(path, SIZE).glimpses()]
    assert all(before == [] or before == [number - 1] for number, *before in seen)
    assert [number for number, *before in seen if not before] in ([], [0])
    return [number for number, *_ in seen]


def planned(source: Path, style: Path, output: Path, **changes: object) -> Plan:
    job = Job(source, (StyleFile(style),), output, **{"settings": LIVE, **changes})  # type: ignore[arg-type]
    return plan(job)


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts"])
def test_sixteen_frames_are_spread_evenly_over_a_long_clip(tmp_path: Path, name: str) -> None:
    assert numbers_of(film(tmp_path / name, 608)) == [38 * number + 1 for number in range(16)]


@pytest.mark.parametrize("count", [16, 17, 31, 32, 33, 100, THROUGH])
def test_sixteen_frames_are_spread_evenly_over_a_clip_that_is_read_through(
    tmp_path: Path, count: int
) -> None:
    found = numbers_of(film(tmp_path / "clip.mp4", count))
    steps = np.diff(found)
    assert len(found) == FRAMES
    assert found[0] == 0
    assert count - found[-1] <= 2 * max(1, count // FRAMES)
    assert steps.min() >= 1
    assert steps.max() <= 2 * steps.min()


@pytest.mark.parametrize("count", [1, 2, 7, 15])
def test_a_short_clip_gives_all_its_frames(tmp_path: Path, count: int) -> None:
    assert numbers_of(film(tmp_path / "clip.mp4", count)) == list(range(count))


def test_frames_shown_for_unlike_times_are_spread_evenly_over_time(tmp_path: Path) -> None:
    found = numbers_of(film(tmp_path / "clip.mkv", 600, ticks=4))  # three frames take six ticks
    assert len(found) == FRAMES
    assert np.abs(np.array(found) - np.arange(FRAMES) * 600 / FRAMES).max() <= 2


def test_where_places_cannot_be_sought_the_same_frames_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = film(tmp_path / "clip.mp4", 608)
    sought = Footage(clip, SIZE).glimpses()
    monkeypatch.setattr("vidstyle.media.decode.seek", lambda *_: False)
    read_through = Footage(clip, SIZE).glimpses()
    assert all(map(np.array_equal, (one for one, *_ in sought), (one for one, *_ in read_through)))


@pytest.mark.parametrize("name", ["clip.h264", "clip.gif"])
def test_a_stream_without_an_index_is_spread_too(tmp_path: Path, name: str) -> None:
    clip = film(tmp_path / "clip.mp4", 100)
    with av.open(str(clip)) as source, av.open(str(tmp_path / name), "w") as out:
        if name.endswith("gif"):
            video = out.add_stream("gif", rate=25)
            video.width, video.height, video.pix_fmt = SIZE[1], SIZE[0], "rgb8"
            for frame in source.decode(video=0):
                out.mux(video.encode(frame.reformat(format="rgb8")))
            out.mux(video.encode(None))
        else:
            video = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = video
                    out.mux(packet)
    found = [pixels for pixels, *_ in Footage(tmp_path / name, SIZE).glimpses()]
    assert len(found) == FRAMES
    if name.endswith("h264"):
        assert np.abs(np.array(list(map(number_of, found))) - np.arange(FRAMES) * 100 / FRAMES).max() <= 6


def test_of_numbered_pictures_none_but_those_wanted_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidstyle.media import sequence

    for number in range(64):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), picture_of(number))
    read: list[str] = []
    really = sequence.read_picture
    monkeypatch.setattr(
        sequence, "read_picture", lambda path, *a, **b: read.append(path.stem) or really(path, *a, **b)
    )
    assert numbers_of(tmp_path) == list(range(1, 64, 4))
    assert set(read) == {f"{number:03}" for number in range(64) if number % 4 < 2}
    for number in range(5, 64):
        (tmp_path / f"{number:03}.png").unlink()
    assert numbers_of(tmp_path) == list(range(5))


def test_a_film_cut_short_gives_what_is_left(tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mkv", 608, gop=25)
    whole = clip.read_bytes()
    clip.write_bytes(whole[: len(whole) // 3])  # its header still tells all of the length
    found = numbers_of(clip)
    assert 9 <= len(found) <= FRAMES
    assert found == sorted(found)
    assert 100 < found[-1] < 250


def test_a_film_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        Footage(tmp_path / "none.mp4", SIZE).glimpses()


def test_every_stretch_of_a_clip_has_the_same_footage(clip: Path, style: Path, tmp_path: Path) -> None:
    whole = footage_of(planned(clip, style, tmp_path / "out.mp4"))
    assert whole is not None
    for changes in ({"start": Fraction(1)}, {"duration": Fraction(1, 2)}, {"segment_frames": 3, "split": 2}):
        assert footage_of(planned(clip, style, tmp_path / "out.mp4", **changes)) == whole
    smaller = footage_of(planned(clip, style, tmp_path / "out.mp4", size=48))
    assert smaller is not None
    assert smaller.key() != whole.key()
    assert smaller.glimpses()[0][0].shape == (36, 48, 3)


@pytest.mark.parametrize("size", [None, 48, (64, 40)])
def test_frames_are_those_that_will_be_painted(
    clip: Path, style: Path, tmp_path: Path, size: int | tuple[int, int] | None
) -> None:
    of = planned(clip, style, tmp_path / "out.mp4", size=size)
    found = footage_of(of)
    assert found is not None
    with closing(all_frames(of, DecodeFaults())) as frames:
        painted = {frame.bytes().tobytes() for frame in frames}
    seen = found.glimpses()
    assert len(seen) == FRAMES
    assert {pixels.tobytes() for glimpse in seen for pixels in glimpse} < painted


def test_how_frames_are_taken_tells_them_from_others(clip: Path) -> None:
    plain = Footage(clip, SIZE)
    others = [
        replace(plain, size=(32, 50)),
        replace(plain, reading=Reading(alpha=True)),
        replace(plain, reading=Reading(hdr="tonemap")),
    ]
    assert len({of.key() for of in [plain, *others]}) == 4
    assert plain.key() == replace(plain, reading=Reading(decoder="cuda")).key()


def test_another_film_under_the_same_name_is_other_footage(tmp_path: Path) -> None:
    one = Footage(film(tmp_path / "clip.mp4", 3), SIZE).key()
    assert Footage(film(tmp_path / "clip.mp4", 4), SIZE).key() != one


def test_a_picture_has_no_footage_but_that_of_the_clip_it_comes_from(
    clip: Path, style: Path, tmp_path: Path
) -> None:
    picture = make_picture(tmp_path / "frame.png")
    assert footage_of(planned(picture, style, tmp_path / "out.png")) is None
    found = footage_of(planned(picture, style, tmp_path / "out.png", footage=clip))
    assert found == Footage(clip, (40, 50))
    assert len(Footage(picture, SIZE).glimpses()) == 1


@pytest.mark.parametrize("settings", [Settings(), replace(LIVE, practice=0), "model"])
def test_what_is_not_practised_needs_no_footage(
    clip: Path, style: Path, tmp_path: Path, live_model: Path, settings: Settings | str
) -> None:
    asked = replace(LIVE, model=live_model) if isinstance(settings, str) else settings
    assert footage_of(planned(clip, style, tmp_path / "out.mp4", settings=asked)) is None


def test_a_device_that_decodes_the_clip_has_no_part_in_it(
    clip: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(planned.__globals__["plan"].__globals__, "decoder_for", lambda *_: ("cuda", None))
    of = planned(clip, style, tmp_path / "out.mp4", decoder="auto")
    assert of.reading.decoder == "cuda"
    assert footage_of(of) == footage_of(planned(clip, style, tmp_path / "out.mp4"))


def test_footage_that_is_missing_is_refused_before_painting(clip: Path, style: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        planned(make_picture(tmp_path / "a.png"), style, tmp_path / "out.png", footage=tmp_path / "no.mp4")


def test_a_clip_filmed_upside_down_is_practised_on_upright(style: Path, tmp_path: Path) -> None:
    upright = film(tmp_path / "upright.mp4", 20)
    with av.open(str(upright)) as source, av.open(str(tmp_path / "turned.mp4"), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        video.set_display_rotation(180)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = video
                out.mux(packet)
    plain, turned = (
        footage_of(planned(tmp_path / name, style, tmp_path / "out.mp4"))
        for name in ("upright.mp4", "turned.mp4")
    )
    assert plain is not None
    assert turned is not None
    for one, other in zip(plain.glimpses(), turned.glimpses(), strict=True):
        assert np.array_equal(np.array(one)[:, ::-1, ::-1], other)


def numbered(count: int) -> Iterator[Frame]:
    return (Frame(np.full((1, 1, 3), number, np.uint8)) for number in range(count))


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 17, 100, 250])
def test_frames_of_unknown_number_are_spread_evenly_over_all_of_them(count: int) -> None:
    seen = [[int(pixels[0, 0, 0]) for pixels in each] for each in spread(with_before(numbered(count)), 8)]
    kept = [number for number, *_ in seen]
    assert [before for _, *before in seen] == [[], *([number - 1] for number in kept[1:])]
    steps = set(np.diff(kept).tolist())
    assert kept[0] == 0
    assert min(count, 5) <= len(kept) <= 8
    assert len(steps) <= 1, "some parts are looked at more closely than others"
    assert count - kept[-1] <= max(steps, default=1), "the end is left out"


def test_frames_are_shuffled_anew_each_round_and_alike_for_a_seed() -> None:
    seen = [(frame.bytes(),) for frame in numbered(16)]

    def rounds(seed: int) -> list[list[int]]:
        order = shuffled(seen, seed)
        return [[int(next(order)[0][0, 0, 0]) for _ in seen] for _ in range(2)]

    first, second = rounds(1)
    assert sorted(first) == sorted(second) == list(range(16))
    assert first != second
    assert rounds(1) == [first, second]
    assert rounds(2) != [first, second]
