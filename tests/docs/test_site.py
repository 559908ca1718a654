"""The manual is built without a warning: no dead link, no page that nothing leads to."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def built(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(source / "docs")]
    return subprocess.run([*sphinx, str(source), str(out)], capture_output=True, text=True, check=False)


def test_the_manual_is_built_without_a_warning(tmp_path: Path) -> None:
    done = built(ROOT, tmp_path)
    assert done.returncode == 0, done.stderr
    front = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert f'href="{page.stem}.html"' in front or page.stem == "index", page


def test_dead_links_and_lost_pages_are_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(DOCS / "conf.py", tmp_path / "docs")
    (tmp_path / "docs" / "index.md").write_text(
        "# A\n\n[gone](gone.md), [no such heading](#b), ![no picture](gone.jpg)\n"
    )
    (tmp_path / "docs" / "lost.md").write_text("# Lost\n")
    done = built(tmp_path, tmp_path / "out")
    assert done.returncode != 0
    for told in ("'gone.md'", "'b'", "docs/gone.jpg", "lost.md"):
        assert told in done.stderr, told


def test_pictures_are_small_and_all_of_them_are_shown() -> None:
    pictures = [*DOCS.glob("pictures/*")]
    assert 0 < sum(picture.stat().st_size for picture in pictures) < 1e6
    text = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    assert all(picture.name in text for picture in pictures)


def test_links_to_the_outside_are_encrypted_and_whole() -> None:
    """Whether they lead anywhere, `sphinx-build -b linkcheck` asks the net: CONTRIBUTING tells when."""
    pages = [*DOCS.glob("*.md"), *ROOT.glob("*.md")]
    links = [link for page in pages for link in re.findall(r"\]\((\w+:[^)]*)\)", page.read_text("utf-8"))]
    assert len(links) >= 3
    assert all(re.fullmatch(r"https://[\w.-]+\.\w+(/[\w./%#~-]*)?", link) for link in links), links
