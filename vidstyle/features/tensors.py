"""Named tensors out of a file that someone else wrote, without running any code that it may hold."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Container
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from vidstyle.errors import WeightsError

_ZIP = b"PK\x03\x04"  # torch.save since 1.6
_PICKLE = b"\x80"  # torch.save before: the official VGG-19 file is one


def read_tensors(path: Path, wanted: Container[str]) -> dict[str, Tensor]:
    """The tensors of a safetensors file or a PyTorch state dict whose names are wanted, as float32.

    Args:
        path: the file; its content, not its suffix, says what it is.
        wanted: names to read; names that the file lacks are left out.

    Raises:
        WeightsError: missing, damaged, of another format, or a pickle that holds more than tensors.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise WeightsError(
            f"cannot be read ({error.strerror})", where=path, hint="Give a file of VGG-19 weights."
        ) from error
    if start.startswith((_ZIP, _PICKLE)):
        tensors = _read_state_dict(path, wanted, mapped=start.startswith(_ZIP))
    elif start[8:9] == b"{":  # eight bytes of header length, then JSON
        tensors = _read_safetensors(path, wanted)
    else:
        raise WeightsError(
            "is neither a safetensors file nor a PyTorch state dict",
            where=path,
            hint="Give a file saved by either.",
        )
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise _damaged(path, f"{name} holds values that are not finite")
    return tensors


def fingerprint(tensors: dict[str, Tensor]) -> str:
    """sha256 over names, shapes and float32 values, whatever file they came from: 64 hex digits."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().to("cpu", torch.float32).contiguous()
        digest.update(f"{name} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def _read_safetensors(path: Path, wanted: Container[str]) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name).float() for name in file.keys() if name in wanted}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _read_state_dict(path: Path, wanted: Container[str], *, mapped: bool) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a file is told by the error, in one line
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        # torch's own message explains how to switch the check off, which nobody should do here.
        raise WeightsError(
            "was refused: it is damaged, or holds more than tensors",
            where=path,
            hint="Give a plain state dict, or better a safetensors file.",
        ) from error
    except Exception as error:  # damaged bytes make the unpickler fail in any way there is
        raise _damaged(path, str(error)) from error
    if not isinstance(state, dict):
        raise WeightsError(
            f"holds a {type(state).__name__}, not a state dict",
            where=path,
            hint="Save the network's state_dict() instead.",
        )
    return {
        name: tensor.float().clone()  # not the mapped file, which may change under us
        for name, tensor in state.items()
        if name in wanted and isinstance(tensor, Tensor)
    }


def _damaged(path: Path, reason: str) -> WeightsError:
    first_line = reason.splitlines()[0] if reason else "it ends early"
    return WeightsError(
        f"is damaged ({first_line})", where=path, hint="Fetch it again, or give another file."
    )
