"""The few errors that vidstyle raises, each with what happened, where, and what to do."""

from __future__ import annotations

from os import PathLike


class VidstyleError(Exception):
    """Base of every error a user can cause or mend.

    Args:
        what: what is wrong, as a clause ("holds no video stream").
        where: the file, option or device concerned.
        hint: what to do about it, as a sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | PathLike[str] = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, str(where), hint
        message = f"{self.where}: {what}" if self.where else what
        super().__init__(f"{message}. {hint}" if hint else message)


class SettingsError(VidstyleError):
    """A setting or option has a value that cannot be used."""

    exit_code = 2


class InputError(VidstyleError):
    """A source, style or manifest is missing, unreadable or not what it should be."""

    exit_code = 3


class OutputError(VidstyleError):
    """The result cannot be written: exists already, no space, no such encoder."""

    exit_code = 4


class WeightsError(VidstyleError):
    """A network's weights are missing, damaged or of the wrong shape."""

    exit_code = 5


class BatchError(VidstyleError):
    """Some jobs of a batch failed; the others are done."""

    exit_code = 6


class DeviceError(VidstyleError):
    """A compute device is absent, broken or out of memory."""

    exit_code = 7


class WorkerError(VidstyleError):
    """A process or machine that rendered a job is gone: killed, out of memory, out of reach."""

    exit_code = 7


class InterruptedRender(VidstyleError):
    """The render was stopped from outside; what was finished is kept for a resume."""

    exit_code = 130
