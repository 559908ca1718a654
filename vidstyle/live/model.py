"""The live network's weights on disk: safetensors, with the style that a model was specialised to."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from vidstyle.errors import WeightsError
from vidstyle.features.tensors import fingerprint
from vidstyle.live.network import LiveNetwork
from vidstyle.live.style import LiveStyle

FORMAT, FORMER = "vidstyle-live-2", ("vidstyle-live-1",)
OWN = ("own.wishes", "own.color_mean", "own.color_covariance")


def write_model(
    path: Path, network: LiveNetwork, own_style: LiveStyle | None, metadata: dict[str, str]
) -> None:
    """Write a model as safetensors of half precision.

    Raises:
        OSError: there is no room, or the folder cannot be written to.
    """
    tensors = {name: tensor.half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    if own_style is not None:
        values = (own_style.wishes, own_style.color_mean, own_style.color_covariance)
        tensors |= {name: value.detach().float().cpu() for name, value in zip(OWN, values, strict=True)}
    path.write_bytes(save(tensors, metadata={"format": FORMAT, **metadata}))


def read_model(path: Path) -> tuple[LiveNetwork, LiveStyle | None, str]:
    """A network, the style it was specialised to (None for all styles), and the weights' sha256.

    Raises:
        WeightsError: the file is missing, damaged or something else.
    """
    hint = "Give a file that vidstyle train wrote."
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") in FORMER:
                raise WeightsError(
                    "is for an earlier vidstyle, whose network was another",
                    where=path,
                    hint="Train it again: vidstyle train.",
                )
            if metadata.get("format") != FORMAT:
                raise WeightsError("is no model of the live network", where=path, hint=hint)
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        marks = fingerprint(tensors)
        own = [tensors.pop(name, None) for name in OWN]
        network = LiveNetwork()
        network.load_state_dict(tensors)
    except FileNotFoundError as error:
        raise WeightsError("does not exist", where=path, hint=hint) from error
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        raise WeightsError(f"is damaged ({str(error).splitlines()[0]})", where=path, hint=hint) from error
    network.eval().requires_grad_(False)
    wishes, mean, covariance = own
    if wishes is None or mean is None or covariance is None:
        return network, None, marks
    with torch.no_grad():
        try:
            layers = network.kernels(wishes)
        except RuntimeError as error:
            raise WeightsError(
                "holds a style that does not fit its network", where=path, hint=hint
            ) from error
    return network, LiveStyle(wishes, mean.double(), covariance.double(), layers), marks
