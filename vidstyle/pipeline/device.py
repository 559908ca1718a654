"""Which device computes, and in which arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vidstyle.errors import DeviceError
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


def choose_precision(choice: PrecisionChoice, device: torch.device) -> torch.dtype:
    """The network's arithmetic; "auto" is bfloat16 where the hardware computes in it, else float32.

    Hardware that emulates bfloat16 accepts it and is slower with it.
    """
    if choice != "auto":
        return torch.bfloat16 if choice == "bfloat16" else torch.float32
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = device.type == "cpu" and _processor_computes_in_bfloat16()
    return torch.bfloat16 if fast else torch.float32


def _processor_computes_in_bfloat16() -> bool:
    """Whether bfloat16 is the quicker arithmetic here: AMX, or AVX-512 BF16 of another maker than Intel.

    Intel's dot products of AVX-512 take twice a multiplication's time, so that they gain nothing over
    float32, and the conversions cost: on a Xeon whose AMX was hidden, frames took longer with them.
    """
    tell: Callable[[], dict[str, object]] = getattr(torch.cpu, "get_capabilities", dict)  # new in 2.10
    capabilities = tell()
    if capabilities.get("amx_bf16") or capabilities.get("amx_tile"):
        return True
    return bool(capabilities.get("avx512_bf16")) and "Intel" not in str(capabilities.get("cpu_name", ""))
