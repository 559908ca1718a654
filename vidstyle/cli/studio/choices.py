"""What was chosen on the page, and the job and the command line that it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from vidstyle.cli.command import arguments_of, quoted
from vidstyle.errors import InputError, SettingsError
from vidstyle.media import Encoding, Limits
from vidstyle.pipeline import Job, StyleFile
from vidstyle.settings import Settings
from vidstyle.written import read_size


@dataclass(frozen=True)
class Upload:
    """A file that was dropped on the page.

    Attributes:
        path: where its copy lies.
        name: what it is called where it came from.
    """

    path: Path
    name: str


@dataclass(frozen=True)
class Choices:
    """All that stands on the page. Those from `quality` to `seed` are fields of `Settings`.

    Attributes:
        clip: the video or picture to paint; None: none yet.
        still: the clip is a picture.
        styles: one picture or two; empty: none yet.
        share: of the first of two styles, 0..1.
        size: as `--size` takes it; "" keeps the source's.
        begin: seconds at which the range begins.
        end: seconds at which it ends; None: with the clip.
        suffix: of the file to make, with its dot, such as ".mp4".
        codec: as `--codec` takes it.
        crf: as `--crf` takes it; None: the encoder's own.
        limits: what clips and styles may ask for.
    """

    clip: Upload | None = None
    still: bool = False
    styles: tuple[Upload, ...] = ()
    quality: str = Settings.quality
    strength: float = Settings.strength
    style_size: float = Settings.style_size
    keep_colors: bool = False
    content_weight: float = Settings.content_weight
    style_weight: float = Settings.style_weight
    temporal_weight: float = Settings.temporal_weight
    seed: int = Settings.seed
    share: float = 0.5
    size: str = ""
    begin: float = 0.0
    end: float | None = None
    suffix: str = ".mp4"
    codec: str = "auto"
    crf: int | None = None
    limits: Limits = field(default_factory=Limits)

    def settings(self) -> Settings:
        """The settings of a render.

        Raises:
            SettingsError: a value that cannot be used, or means nothing with this quality.
        """
        return Settings.preset(
            self.quality,
            strength=self.strength,
            style_size=self.style_size,
            keep_colors=self.keep_colors,
            content_weight=self.content_weight,
            style_weight=self.style_weight,
            temporal_weight=self.temporal_weight,
            seed=self.seed,
        )

    def job(self, output: Path) -> Job:
        """The job of rendering the range, on the copies that were uploaded.

        Args:
            output: the file to make.

        Raises:
            InputError: the clip or the style is missing.
            SettingsError: a value that cannot be used.
        """
        clip, styles = self._files()
        begin, duration = (None, None) if self.still else self._range()
        return Job(
            source=clip.path,
            styles=styles,
            output=output,
            settings=self.settings(),
            encoding=Encoding() if self.still else Encoding(self.codec, self.crf),
            size=read_size(self.size.strip() or None),
            start=begin,
            duration=duration,
            overwrite=True,
            limits=self.limits,
        )

    def job_of_picture(self, picture: Path, output: Path) -> Job:
        """The job of painting one frame that was taken out of the clip, at its final size, as a render would.

        Raises:
            InputError: the clip or the style is missing.
            SettingsError: a value that cannot be used.
        """
        clip, styles = self._files()
        return Job(
            picture,
            styles,
            output,
            self.settings(),
            overwrite=True,
            limits=self.limits,
            footage=None if self.still else clip.path,
        )

    def output_name(self, source: str) -> str:
        """The name of the file to make from a source of such a name."""
        return f"{Path(source).stem}-stylized{'.png' if self.still else self.suffix}"

    def command(self) -> str:
        """The command line that does the same where the files lie, quoted for this system's shell.

        Raises:
            InputError: the clip or the style is missing.
            SettingsError: a value that cannot be used.
        """
        clip, _ = self._files()
        job = self.job(Path(self.output_name(clip.name)))
        own_names = zip(job.styles, self.styles, strict=True)
        named = replace(
            job,
            source=Path(clip.name),
            styles=tuple(StyleFile(Path(upload.name), style.weight) for style, upload in own_names),
        )
        return quoted(["vidstyle", *arguments_of(named)])

    def _files(self) -> tuple[Upload, tuple[StyleFile, ...]]:
        if self.clip is None:
            raise InputError("no clip yet", hint="Drop a video or a picture on 1.")
        if not self.styles:
            raise InputError("no style yet", hint="Drop a picture on 2.")
        # Sliders count in binary fractions: 1 - 0.7 is 0.30000000000000004.
        shares = (1.0,) if len(self.styles) == 1 else (self.share, round(1 - self.share, 6))
        files = zip(self.styles, shares, strict=True)
        return self.clip, tuple(StyleFile(upload.path, share) for upload, share in files)

    def _range(self) -> tuple[Fraction | None, Fraction | None]:
        """Start and duration, exactly as the numbers are written; None where the clip itself decides."""
        begin = Fraction(str(self.begin))
        if self.end is None:
            return begin or None, None
        end = Fraction(str(self.end))
        if end <= begin:
            raise SettingsError(
                f"ends at {self.end:g} s, before it begins", where="range", hint="Move its end to the right."
            )
        return begin or None, end - begin
