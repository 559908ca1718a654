"""What the system tells of free memory, limits included."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from vidstyle import memory

resource = pytest.importorskip("resource")
linux = pytest.mark.skipif(sys.platform != "linux", reason="told in other ways elsewhere")


def test_some_memory_is_free_here():
    assert 1 << 20 < memory.free_memory() < 1 << 50


@linux
def test_what_is_free_is_what_the_tightest_of_all_limits_leaves(tmp_path: Path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 64000 kB\nMemFree: 1 kB\nMemAvailable: 32000 kB\n")
    group = tmp_path / "group"
    group.mkdir()
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    monkeypatch.setattr(memory, "_CONTROL_GROUPS", group)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY,) * 2)
    assert memory.free_memory() == 32_000 * 1024
    (group / "memory.current").write_text("3000000\n")
    (group / "memory.stat").write_text("anon 5\ninactive_file 500000\nactive_file 7\n")
    for limit, expected in (("max", 32_000 * 1024), ("10000000", 7_500_000), ("1000", 0)):
        (group / "memory.max").write_text(f"{limit}\n")
        assert memory.free_memory() == expected


@linux
def test_a_limit_of_the_address_space_counts():
    script = """
import resource
from pathlib import Path
from vidstyle.memory import free_memory
space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + (40 << 20)
resource.setrlimit(resource.RLIMIT_AS, (space, space))
print(free_memory())
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert 30 << 20 < int(told) <= 40 << 20


def test_garbage_is_looked_for_again_afterwards_if_it_was_before():
    with pytest.raises(ImportError), memory.uncollected():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()
    gc.disable()
    try:
        with memory.uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
