"""Which device computes, and in which arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vidstyle.errors import DeviceError
from vidstyle.features.eight_bits import works_here
from vidstyle.settings import PrecisionChoice


def choose_device(name: str) -> torch.device:
    """The device that settings name; "auto" is the first GPU, or else the processor.

    Raises:
        DeviceError: there is no such device here.
    """
    # Float32 is asked for where errors add up, from warp to warp: a product in 10 bits is none.
    torch.backends.cudnn.allow_tf32 = False
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError("no such device", where=name, hint="Choose auto, cpu, cuda or mps.") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            "not found on this machine", where=name, hint="Choose cpu, or see what vidstyle doctor says."
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("not found on this machine", where=name, hint="Choose cpu.")
    return device


def choose_precision(choice: PrecisionChoice, device: torch.device, *, in_bytes: bool = True) -> torch.dtype:
    """A network's arithmetic; "auto" is the quickest that the hardware computes in by itself.

    That is bfloat16 on graphics cards and on processors with units for it (AMX), int8 on others of
    Intel's and AMD's kind, and float32 on most others: what is emulated is accepted, and slower.

    Args:
        choice: what the user wants.
        device: that computes.
        in_bytes: whether the network can; VGG-19 cannot, nor can what is taught.

    Raises:
        DeviceError: int8 was asked for, and cannot be had.
    """
    if choice == "int8":
        if device.type != "cpu" or not works_here():
            raise DeviceError(
                "cannot compute in int8", where=str(device), hint="Leave --precision out, or choose float32."
            )
        return torch.int8
    if choice != "auto":
        return torch.bfloat16 if choice == "bfloat16" else torch.float32
    if device.type == "cpu":
        return _quickest_of_processor(in_bytes)
    fast = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if fast else torch.float32


def _quickest_of_processor(in_bytes: bool) -> torch.dtype:
    """Bfloat16 with AMX; else int8 with AVX2; else bfloat16 with AVX-512 BF16 of another maker than Intel.

    Without dot products of bytes (VNNI) a convolution still takes half of float32's time. Where a processor
    has dot products of both, an EPYC of Zen 4 takes a fifth more time for bfloat16 than for int8. Intel's
    dot products of AVX-512 in bfloat16 take twice a multiplication's time, so that they gain nothing over
    float32, and the conversions cost.
    """
    tell: Callable[[], dict[str, object]] = getattr(torch.cpu, "get_capabilities", dict)  # new in 2.10
    capabilities = tell()
    if capabilities.get("amx_bf16") or capabilities.get("amx_tile"):
        return torch.bfloat16
    if in_bytes and capabilities.get("avx2") and works_here():
        return torch.int8
    of_intel = "Intel" in str(capabilities.get("cpu_name", ""))
    return torch.bfloat16 if capabilities.get("avx512_bf16") and not of_intel else torch.float32
