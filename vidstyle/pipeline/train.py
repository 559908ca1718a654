"""Train a live network for the user's own style, and footage, into a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.errors import OutputError, SettingsError
from vidstyle.media import probe, read, read_picture
from vidstyle.media.atomic import replacing
from vidstyle.pipeline.footage import Glimpse, spread
from vidstyle.pipeline.job import StyleFile
from vidstyle.pipeline.sizes import SMALLEST_SIDE

if TYPE_CHECKING:
    from vidstyle.live.specialise import Progress

MOST_FRAMES = 60  # of each piece of footage that are kept to practise on, spread over its length


@dataclass(frozen=True)
class Training:
    """What to train a live network for.

    Attributes:
        styles: pictures to take the style from; several are mixed.
        output: the file of weights to write.
        footage: videos and pictures like those that will be painted; without any, made-up ones serve.
        minutes: to train for.
        height: rows of the frames that will be painted; strokes are sized for it.
        style_size: height of a style picture as a share of `height`.
        seed: of everything random.
        overwrite: whether an existing output may be replaced.
        device: "cpu", "cuda" or "cuda:1"; "auto" is a CUDA GPU, or else the processor.
    """

    styles: tuple[StyleFile, ...]
    output: Path
    footage: tuple[Path, ...] = ()
    minutes: float = 10.0
    height: int = 360
    style_size: float = 1.0
    seed: int = 0
    overwrite: bool = False
    device: str = "auto"

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= 24 * 60:
            raise SettingsError(
                f"is {self.minutes:g}", where="minutes", hint="It must be above 0, at most 1440."
            )
        if not SMALLEST_SIDE <= self.height <= 4320:
            raise SettingsError(f"is {self.height}", where="height", hint="It must be between 32 and 4320.")
        if not 0.05 <= self.style_size <= 8:
            raise SettingsError(
                f"is {self.style_size:g}", where="style_size", hint="It must be between 0.05 and 8."
            )
        if self.output.suffix != ".safetensors":
            raise OutputError(
                "has another suffix", where=self.output, hint="Give a name that ends in .safetensors."
            )


def train(training: Training) -> Iterator[Progress]:
    """Lessons until the time is up, then the file; nothing is written when it is stopped before.

    Raises:
        InputError: a style or a piece of footage cannot be read.
        OutputError: the file exists, or cannot be written.
        WeightsError: the package's own weights are missing or damaged.
        DeviceError: there is no such device here.
    """
    output = training.output
    if output.exists() and not training.overwrite:
        raise OutputError("exists already", where=output, hint="Give another name, or -y to replace it.")
    if not output.absolute().parent.is_dir():
        raise OutputError("its folder does not exist", where=output, hint=f"Create {output.parent} first.")
    pictures = [read_picture(style.path).pixels for style in training.styles]
    frames = [frame for path in training.footage for frame in _frames(path, training.height)]

    import torch

    from vidstyle.features import load_features
    from vidstyle.live.crops import crops_of
    from vidstyle.live.model import write_model
    from vidstyle.live.painter import builtin_model
    from vidstyle.live.specialise import specialise
    from vidstyle.pipeline.device import choose_device, choose_precision
    from vidstyle.pipeline.practice import pictures_of
    from vidstyle.synthesis.pictures import tensor_of
    from vidstyle.synthesis.targets import style_target

    device = choose_device(training.device)
    if device.type == "mps":  # it lacks what moves a crop, by cubic splines
        device = torch.device("cpu")
    precision = choose_precision("auto", device, in_bytes=False)
    features = load_features("builtin", device=device, dtype=precision)
    with torch.no_grad():
        total = sum(style.weight for style in training.styles)
        shares = [style.weight / total for style in training.styles]
        target = style_target(
            features,
            [tensor_of(picture, device) for picture in pictures],
            shares,
            height=training.height,
            style_size=training.style_size,
        )
    network, own = yield from specialise(
        builtin_model(),
        features,
        target,
        crops_of(pictures_of(frames, training.height, training.seed), target, training.seed, device),
        seconds=60 * training.minutes,
        seed=training.seed,
        dtype=precision,
    )
    names = ", ".join(style.path.name for style in training.styles)
    with replacing(output) as part:
        write_model(part, network, own, {"styles": names, "height": str(training.height)})


def _frames(path: Path, height: int) -> list[Glimpse]:
    """Frames of all of a video, or the one of a picture, at the height to paint at."""
    info = probe(path)
    size = (height, max(SMALLEST_SIDE, round(height * info.video.width / info.video.height)))
    return spread(zip(read(path, size=size)), MOST_FRAMES)
