from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from blending import Blending, blend, job
from clips import make_clip

from vidstyle.frames import Frame
from vidstyle.media import read
from vidstyle.pipeline import FrameDone, render


def most_alive(clip: Path, style: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The most source frames that are held at once over a render."""
    frames: weakref.WeakSet[Frame] = weakref.WeakSet()

    def watched(*args: object, **kwargs: object) -> Iterator[Frame]:
        for frame in read(*args, **kwargs):
            frames.add(frame)
            yield frame

    with monkeypatch.context() as patch:
        patch.setattr("vidstyle.pipeline.stretch.read", watched)
        # Slower than decoding, as every real stylizer: whatever can pile up does.
        events = render(job(clip, style, output), make_painter=blend(Blending(wait=0.01)))
        return max(len(frames) for event in events if isinstance(event, FrameDone))


def test_memory_does_not_grow_with_the_length_of_the_clip(
    style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = []
    for length in (16, 80):
        times = tuple(range(0, 24 * length, 24))
        clip = make_clip(tmp_path / f"{length}.in.mp4", times=times, cut=None, sound=False)
        alive.append(most_alive(clip, style, tmp_path / f"{length}.mp4", monkeypatch))
    # Three ahead, one at work and one before it, one in the making.
    assert max(alive) <= 7
    assert not any(thread.name == "vidstyle-prefetch" for thread in threading.enumerate())
