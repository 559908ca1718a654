"""cv2 is imported before av: with av first, its windows hang on Linux."""

import subprocess
import sys

import pytest

MODULES = ["vidstyle.media", "vidstyle.media.probe", "vidstyle.media.colors", "vidstyle.media.encoding"]


@pytest.mark.parametrize("module", MODULES)
def test_cv2_comes_before_av_and_torch_not_at_all(module):
    code = f"import {module}, sys; names = list(sys.modules);"
    code += "print(names.index('cv2') < names.index('av'), 'torch' in names)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
