"""Places to drop files on that tell what a file is called at home, and hand it over untouched."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

import gradio as gr

from vidstyle.cli.studio.choices import Upload


def clip_drop(**looks: Any) -> gr.File:
    """A place for a file of any kind; handlers get an `Upload`, or None."""
    return _untouched(gr.File(**looks))


def picture_drop(**looks: Any) -> gr.Image:
    """A place that shows the picture dropped on it; handlers get an `Upload`, or None."""
    return _untouched(gr.Image(sources=["upload", "clipboard"], buttons=[], **looks))


def _untouched(component: Any) -> Any:
    """The component, giving handlers the file as it came: Gradio would drop its name, and encode pictures.

    Not by a class of our own: Gradio writes a file beside the source of every subclass of a component.
    """
    component.preprocess = _upload
    return component


def _upload(payload: Any) -> Upload | None:
    """The file behind what the browser sent; Gradio has checked that it was uploaded."""
    if payload is None:
        return None
    path = Path(payload.path)
    # A name from outside: of a path, its last part alone.
    return Upload(path, PurePath(payload.orig_name or path.name).name or path.name)
