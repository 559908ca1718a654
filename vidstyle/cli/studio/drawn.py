"""What is to be shown, as updates of the page's components, and how the page looks."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from vidstyle.cli.progress import weight
from vidstyle.cli.studio.desk import Shown

PLAYED = (".mp4", ".mov", ".mkv", ".webm")  # a browser shows a film of these, if it knows the codec

THEME = gr.themes.Base(
    primary_hue=gr.themes.colors.orange,
    neutral_hue=gr.themes.colors.stone,
    radius_size=gr.themes.sizes.radius_md,
    # The system's own: fonts from elsewhere would be fetched from elsewhere.
    font=("system-ui", "-apple-system", "Segoe UI", "sans-serif"),
    font_mono=("ui-monospace", "Consolas", "monospace"),
)
CSS = """
.gradio-container { width: 100% !important; max-width: 1500px !important; margin: 0 auto !important; }
#head h1 { margin-bottom: 0; letter-spacing: -0.02em; }
#head p { margin-top: 0.2em; color: var(--body-text-color-subdued); }
#facts, #caption { color: var(--body-text-color-subdued); min-height: 1.6em; }
#command .cm-content span { color: inherit !important; }
.vs-status { min-height: 2em; }
.vs-status p { margin: 0.2em 0; }
.vs-status ul { margin: 0.2em 0; padding-left: 1.4em; color: var(--body-text-color-subdued); }
.vs-status progress { width: 100%; height: 0.6em; accent-color: var(--primary-500); }
.vs-status progress[value] { appearance: none; border: none; border-radius: 0.3em; overflow: hidden;
  background: var(--border-color-primary); }
.vs-status progress[value]::-webkit-progress-bar { background: var(--border-color-primary); }
.vs-status progress[value]::-webkit-progress-value { background: var(--primary-500); }
.vs-status progress[value]::-moz-progress-bar { background: var(--primary-500); }
.vs-failed p { color: var(--error-text-color); background: var(--error-background-fill);
  border: 1px solid var(--error-border-color); border-radius: var(--radius-md); padding: 0.5em 0.8em; }
"""


def drawn(shown: Shown) -> list[Any]:
    """Updates of the status, the pair, the caption, the moment, the video and the download, in this order.

    What is not told anew stays as it is.
    """
    output = shown.output
    return [
        status(shown),
        gr.skip() if shown.pair is None else shown.pair,
        shown.caption or gr.skip(),
        gr.skip() if shown.moment is None else shown.moment,
        gr.skip() if output is None else _video(output),
        gr.skip() if output is None else _download(output),
    ]


def status(shown: Shown) -> str:
    """HTML of a bar while something is under way, the line of text, and the notices."""
    bar = ""
    if shown.kind == "working":
        value = "" if shown.share is None else f' value="{shown.share:.4f}"'
        bar = f'<progress max="1"{value}></progress>'
    notices = "".join(f"<li>{escape(text)}</li>" for text in shown.notices)
    listed = f"<ul>{notices}</ul>" if notices else ""
    return f'<div class="vs-status vs-{shown.kind}">{bar}<p>{escape(shown.text)}</p>{listed}</div>'


def _video(output: Path) -> Any:
    plays = output.suffix in PLAYED
    return gr.Video(value=str(output) if plays else None, visible=plays)


def _download(output: Path) -> Any:
    label = f"Download {output.name} ({weight(output.stat().st_size)})"
    return gr.DownloadButton(label=label, value=str(output), visible=True)
