from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")

SCRIPT = """
import ctypes, sys, threading
from vidstyle.pipeline.allocator import keep_freed_memory
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
if sys.argv[2] == "kept":
    keep_freed_memory()
together = threading.Barrier(4)
def take():
    together.wait()
    libc.malloc(100_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
told = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, told)
libc.fclose(told)
"""


def stores_of_four_threads(told: Path, how: str) -> int:
    subprocess.run([sys.executable, "-c", SCRIPT, told, how], check=True)
    return told.read_text().count("<heap nr=")


def test_what_one_thread_frees_all_may_take(tmp_path: Path) -> None:
    assert stores_of_four_threads(tmp_path / "before", "as it is") > 1
    assert stores_of_four_threads(tmp_path / "after", "kept") == 1
