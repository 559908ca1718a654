"""Which machine a figure was taken on, and where figures are written."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import torch

BENCHMARKS = Path(__file__).parents[1] / "BENCHMARKS.md"


def machine() -> str:
    """One line: processor, its vectors, cores, GPU, and the versions that matter."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*: (.+)", cpuinfo.read_text())
        name = found.group(1) if found else name
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    counted = f"{cores} core" if cores == 1 else f"{cores} cores"
    # One name may stand for several: clouds tell but the family.
    name = f"{name} ({torch.backends.cpu.get_cpu_capability()})"
    return f"{name}, {counted}{gpu}; Python {platform.python_version()}, torch {torch.__version__}"


def write_section(title: str, text: str, path: Path = BENCHMARKS, heading: str = "Benchmarks") -> None:
    """Put a section of a Markdown file in place of the one of that title, or at the end."""
    whole = path.read_text() if path.exists() else f"# {heading}\n"
    section = f"## {title}\n\n{text.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.M | re.S)
    if pattern.search(whole):
        whole = pattern.sub(lambda _: section + "\n", whole)
    else:
        whole = f"{whole.rstrip()}\n\n{section}"
    path.write_text(whole.rstrip() + "\n")
