"""Reading weights out of other people's files."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from vidstyle.errors import WeightsError
from vidstyle.features.tensors import fingerprint, read_tensors

STATE = {"a.weight": torch.arange(6.0).view(2, 3), "a.bias": torch.ones(2), "b.weight": torch.zeros(4)}


def saved(path: Path, form: str, state=STATE) -> Path:
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
    return path


@pytest.mark.parametrize("form", ["safetensors", "zip", "legacy"])
def test_every_format_gives_the_wanted_tensors_whatever_its_suffix(tmp_path, form):
    read = read_tensors(saved(tmp_path / "w.bin", form), {"a.weight", "a.bias", "c"})
    assert set(read) == {"a.weight", "a.bias"}
    assert torch.equal(read["a.weight"], STATE["a.weight"])


@pytest.mark.parametrize("form", ["safetensors", "zip", "legacy"])
def test_half_precision_is_read_as_float32(tmp_path, form):
    read = read_tensors(saved(tmp_path / "w", form, {k: v.half() for k, v in STATE.items()}), STATE)
    assert all(tensor.dtype == torch.float32 for tensor in read.values())


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("form", ["zip", "legacy", "bare"])
def test_a_pickle_bomb_is_refused_and_does_not_go_off(tmp_path, form):
    path, crater = tmp_path / "bomb.pth", tmp_path / "crater"
    state = {"a.weight": torch.ones(2), "b": Bomb(crater)}
    if form == "bare":
        path.write_bytes(pickle.dumps(state, protocol=2))  # what torch.load expects
    else:
        saved(path, form, state)
    with pytest.raises(WeightsError, match="refused") as caught:
        read_tensors(path, STATE)
    assert not crater.exists()
    assert "weights_only=False" not in str(caught.value)


@pytest.mark.parametrize("form", ["safetensors", "zip", "legacy"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_file_cut_short_is_called_damaged(tmp_path, form, share):
    path = saved(tmp_path / "w", form, {"a.weight": torch.ones(64, 64)})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError, match=r"damaged|refused"):
        read_tensors(path, STATE)


@pytest.mark.parametrize("content", [b"", b"GIF89a and so on", b"\x00" * 64])
def test_other_files_are_told_apart(tmp_path, content):
    path = tmp_path / "w.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="neither"):
        read_tensors(path, STATE)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"nowhere\.pth: cannot be read"):
        read_tensors(tmp_path / "nowhere.pth", STATE)


def test_values_that_are_not_finite_are_damage(tmp_path):
    with pytest.raises(WeightsError, match=r"a\.bias holds values that are not finite"):
        read_tensors(saved(tmp_path / "w", "safetensors", {"a.bias": torch.tensor([1.0, torch.nan])}), STATE)


def test_a_whole_network_instead_of_its_state_is_refused(tmp_path):
    torch.save([torch.ones(2)], tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="holds a list, not a state dict"):
        read_tensors(tmp_path / "w.pth", STATE)


def test_the_fingerprint_depends_on_names_shapes_and_values_only():
    same = fingerprint({name: STATE[name].clone() for name in reversed(STATE)})
    assert same == fingerprint(STATE)
    assert len(same) == 64
    assert fingerprint({**STATE, "a.weight": STATE["a.weight"].view(3, 2)}) != same
    assert fingerprint({**STATE, "a.bias": STATE["a.bias"] + 1e-6}) != same
    assert fingerprint({"x": STATE["a.bias"]}) != fingerprint({"y": STATE["a.bias"]})
