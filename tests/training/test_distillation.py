"""The training script itself, on made-up pictures and a made-up teacher."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from vidstyle.features.student import StudentNetwork

ROOT = Path(__file__).parents[2]


@pytest.fixture
def material(tmp_path):
    rng = np.random.default_rng(0)
    for folder, count in (("photos", 53), ("styles", 11)):
        (tmp_path / folder).mkdir()
        for number in range(count):
            picture = cv2.resize(rng.integers(0, 255, (9, 9, 3), np.uint8), (132, 132))
            cv2.imwrite(str(tmp_path / folder / f"{number}.jpg"), picture)
    generator, weights = torch.Generator().manual_seed(0), {}
    for number, (channels, width) in {
        0: (3, 64),
        2: (64, 64),
        5: (64, 128),
        7: (128, 128),
        10: (128, 256),
    }.items():
        kernel = torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** 0.5
        weights[f"features.{number}.weight"] = kernel
        weights[f"features.{number}.bias"] = torch.zeros(width)
    save_file(weights, tmp_path / "vgg.safetensors")
    return tmp_path


@pytest.mark.slow
def test_a_training_stops_goes_on_and_exports_what_the_package_loads(material):
    def train(steps, *more):
        command = [sys.executable, "training/distill_features.py", "--photos", str(material / "photos")]
        command += ["--styles", str(material / "styles"), "--vgg", str(material / "vgg.safetensors")]
        command += ["--out", str(material / "run"), "--steps", str(steps), "--batch", "1", "--device", "cpu"]
        return subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    first = train(2)
    assert "held-out unexplained" in first
    assert "goes on" not in first
    exported = material / "features.safetensors"
    second = train(3, "--export", str(exported))
    assert "goes on from step 2" in second
    student = StudentNetwork()
    student.load_state_dict({name: value.float() for name, value in load_file(exported).items()})
    assert all(torch.isfinite(tap).all() for tap in student(torch.rand(1, 3, 32, 32)))
    with safe_open(exported, "pt") as file:
        assert file.metadata()["steps"] == "3"
