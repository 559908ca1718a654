"""Pictures as tensors and arrays, and how tests paint them."""

import numpy as np
import torch

from vidstyle.synthesis.colors import Colors, pixel_moments


def tensor(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float()


def pixels(image):
    return np.ascontiguousarray(image[0].permute(1, 2, 0).numpy())


def learn(painter, picture):
    return painter.learn([picture], [1.0], height=180)


def painted(painter, frame, style):
    return painter.paint(pixels(frame), style, Colors(*pixel_moments(frame)))
