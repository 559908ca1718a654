"""The live network's training script itself, on made-up pictures."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vidstyle.features import load_features
from vidstyle.live.painter import load_live
from vidstyle.synthesis.colors import Colors, pixel_moments

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_course_stops_goes_on_and_exports_what_the_package_loads(tmp_path):
    rng = np.random.default_rng(0)
    for folder, count in (("photos", 53), ("styles", 12)):
        (tmp_path / folder).mkdir()
        for number in range(count):
            picture = cv2.resize(rng.integers(0, 255, (9, 12, 3), np.uint8), (176, 132))
            cv2.imwrite(str(tmp_path / folder / f"{number}.jpg"), picture)

    def train(steps, *more):
        command = [sys.executable, "training/train_live.py", "--photos", str(tmp_path / "photos")]
        command += ["--styles", str(tmp_path / "styles"), "--out", str(tmp_path / "run")]
        command += ["--steps", str(steps), *more]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    first = train(2)
    assert "held-out style distance" in first
    assert "goes on" not in first
    exported = tmp_path / "live.safetensors"
    assert "goes on from step 2" in train(3, "--export", str(exported))
    assert (tmp_path / "run" / "sheet.png").stat().st_size > 0
    painter = load_live(load_features("builtin"), torch.float32, exported)
    image = rng.random((48, 64, 3), np.float32)
    colors = Colors(*pixel_moments(torch.from_numpy(image).permute(2, 0, 1)[None]))
    style = painter.learn([torch.rand(1, 3, 64, 64)], [1.0], height=48)
    assert bool(torch.isfinite(painter.paint(image, style, colors)).all())
