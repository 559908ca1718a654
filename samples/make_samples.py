"""Draw the samples: a clip with sound and three styles.

    python samples/make_samples.py [--only clip|styles] [--out DIR]

Needs numpy, opencv-python and av. The same versions of these give the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

import cv2  # before av: the other order makes cv2.imshow hang on Linux

import av  # isort: skip
import numpy as np
import numpy.typing as npt
import scene
import sound
from av.video.reformatter import ColorRange, Colorspace

CLIP = "harbour.mp4"


def _draw(index: int) -> npt.NDArray[np.uint8]:
    cv2.setNumThreads(1)  # one core to a process
    return (scene.render(index) * 255 + 0.5).astype(np.uint8)


def _frames() -> Iterator[npt.NDArray[np.uint8]]:
    """The scene's frames in order, (H, W, 3) uint8, drawn on all cores."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_draw, range(scene.FRAMES), chunksize=5)


def write_clip(path: Path) -> None:
    """Every frame of the scene as H.264, the sound as AAC, in BT.709."""
    height, width = scene.SIZE
    with av.open(str(path), "w", container_options={"movflags": "+faststart"}) as out:
        video = out.add_stream(
            "libx264", rate=scene.FPS, options={"crf": "19", "preset": "veryslow", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        codec = video.codec_context
        codec.color_range, codec.colorspace = ColorRange.MPEG, Colorspace.ITU709
        codec.color_primaries = codec.color_trc = 1  # BT.709
        audio = out.add_stream("aac", rate=sound.RATE, options={"b": "128k"})
        audio.layout = "stereo"
        for index, pixels in enumerate(_frames()):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.pts, frame.time_base = index, Fraction(1, scene.FPS)
            out.mux(video.encode(frame))
            print(f"\rframe {index + 1} of {scene.FRAMES}", end="", flush=True)
        out.mux(video.encode(None))
        _write_sound(out, audio, sound.compose(scene.FRAMES / scene.FPS, scene.CUT / scene.FPS))
    print(f"\r{path}: {path.stat().st_size / 1000:.0f} kB, {scene.FRAMES} frames")


def _write_sound(
    out: av.container.OutputContainer, stream: av.AudioStream, signal: npt.NDArray[np.float32]
) -> None:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(signal), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = sound.RATE, 0, Fraction(1, sound.RATE)
    out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def write_styles(folder: Path) -> None:
    """The three paintings as JPEG."""
    import paintings

    folder.mkdir(parents=True, exist_ok=True)
    for name, paint in paintings.PAINTINGS.items():
        path = folder / f"{name}.jpg"
        quality = [cv2.IMWRITE_JPEG_QUALITY, 88, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        done, data = cv2.imencode(".jpg", np.ascontiguousarray(paint()[..., ::-1]), quality)
        if not done:
            raise RuntimeError(f"OpenCV could not encode {path}")
        path.write_bytes(data.tobytes())
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=("clip", "styles"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    if arguments.only != "styles":
        write_clip(arguments.out / CLIP)
    if arguments.only != "clip":
        write_styles(arguments.out / "styles")


if __name__ == "__main__":
    main()
