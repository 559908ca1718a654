"""The page: what stands where, and what happens when something is dropped, moved or pressed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from vidstyle.cli.studio import controls
from vidstyle.cli.studio.choices import Choices
from vidstyle.cli.studio.controls import Controls, chosen
from vidstyle.cli.studio.desk import Desk, Shown
from vidstyle.cli.studio.drawn import drawn
from vidstyle.cli.studio.moments import opened
from vidstyle.cli.studio.worker import Worker
from vidstyle.errors import VidstyleError
from vidstyle.media import Limits

HEAD = (
    "# vidstyle studio\n"
    "Paint a clip in the style of a picture. All of it happens on the machine that runs this page."
)
COMMAND = "The same from the command line. Run it in the folder that holds your files."
PAINTING = "painting"  # one thing is painted at a time, whoever asks


class Page:
    """The page and its visitors.

    Args:
        root: a private folder, in which uploads and visitors' files lie.
        worker: paints.
        limits: what clips and styles may ask for.

    Attributes:
        blocks: the page, to be served.
    """

    def __init__(self, root: Path, worker: Worker, limits: Limits) -> None:
        self._root, self._worker, self._limits = root, worker, limits
        self._desks: dict[str, Desk] = {}
        self._lock = threading.Lock()
        with gr.Blocks(title="vidstyle studio", analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out()
            self._wire()
        self.blocks.queue(default_concurrency_limit=8, api_open=False)

    def _lay_out(self) -> None:
        gr.Markdown(HEAD, elem_id="head")
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=330):
                made = {"clip": controls.clip()}
                self._facts = gr.Markdown(elem_id="facts")
                made |= controls.styles()
                with gr.Group():
                    made |= controls.look()
                with gr.Accordion("More settings", open=False):
                    made |= controls.finer()
            with gr.Column(scale=5, min_width=480):
                self._pair = gr.ImageSlider(
                    label="Before and after",
                    show_label=False,
                    interactive=False,
                    max_height=560,
                    buttons=["fullscreen"],
                    elem_id="pair",
                )
                self._caption = gr.Markdown("Drop a clip and a style on the left.", elem_id="caption")
                with gr.Row(equal_height=True):
                    self._moment = gr.Slider(
                        *(0, 1, 0),
                        step=0.01,
                        label="Frame to look at (seconds)",
                        buttons=[],
                        scale=4,
                        elem_id="moment",
                    )
                    self._try = gr.Button("Try this frame", scale=1, min_width=150, elem_id="try")
                with gr.Group() as self._span:
                    made |= controls.span()
                with gr.Row(equal_height=True):
                    self._render = gr.Button("Render", variant="primary", elem_id="render")
                    self._stop = gr.Button("Stop", variant="stop", interactive=False, elem_id="stop")
                self._status = gr.HTML(elem_id="status", container=False, padding=False)
                self._command = gr.Code(
                    label=COMMAND,
                    language="shell",
                    interactive=False,
                    wrap_lines=True,
                    show_line_numbers=False,
                    lines=1,
                    buttons=["copy"],
                    elem_id="command",
                )
                self._download = gr.DownloadButton("Download", visible=False, elem_id="download")
                self._video = gr.Video(
                    label="Rendered",
                    height=400,
                    visible=False,
                    interactive=False,
                    buttons=[],
                    elem_id="video",
                )
        self._controls = Controls(**made)

    def _wire(self) -> None:
        values = self._controls.all()
        shown = [self._status, self._pair, self._caption, self._moment, self._video, self._download]
        buttons = [self._try, self._render, self._stop]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self._controls.clip.change(
            self._clip_dropped,
            [*values],
            [*shown, self._controls.begin, self._controls.end, self._span, self._facts],
            **quiet,
        ).then(self._told_command, values, self._command, queue=False, **quiet)
        gr.on(
            [self.blocks.load, *(control.change for control in values[1:])],
            self._told_command,
            values,
            self._command,
            trigger_mode="always_last",
            queue=False,
            **quiet,
        )
        self._moment.change(
            self._looked, [self._moment, *values], shown[:3], trigger_mode="always_last", **quiet
        )
        for button, painted in ((self._try, self._tried), (self._render, self._rendered)):
            asked = button.click(self._asked, None, [*buttons, self._status], queue=False, **quiet)
            asked.then(
                painted,
                [self._moment, *values],
                shown,
                concurrency_limit=1,
                concurrency_id=PAINTING,
                **quiet,
            ).then(self._at_rest, None, buttons, queue=False, **quiet)
        self._stop.click(self._stopped, None, None, queue=False, **quiet)
        self.blocks.unload(self._left)

    def _clip_dropped(self, request: gr.Request, *values: Any) -> list[Any]:
        desk = self._desk(request)
        desk.clip = None
        choices = self._chosen(values, desk)
        if choices.clip is None:
            return [*drawn(Shown("", "done")), *(gr.skip() for _ in range(3)), ""]
        try:
            clip = opened(choices.clip, self._limits)
            seen = desk.look(replace(choices, still=clip.source.is_picture), 0.0)
        except VidstyleError as error:
            return [*drawn(Shown(desk.plain(error), "failed")), *(gr.skip() for _ in range(3)), ""]
        desk.clip = clip
        moves = not clip.source.is_picture
        return [
            *drawn(seen)[:3],
            gr.Slider(maximum=clip.last or 1, value=0, visible=moves),
            *(gr.Video(visible=False), gr.DownloadButton(visible=False)),  # those of the clip before
            gr.Slider(maximum=clip.last or 1, value=0),
            gr.Slider(maximum=clip.seconds or 1, value=clip.seconds),
            gr.Group(visible=moves),
            clip.describe(),
        ]

    def _told_command(self, request: gr.Request, *values: Any) -> str:
        desk = self._desk(request)
        try:
            return self._chosen(values, desk).command()
        except VidstyleError as error:
            return f"# {desk.plain(error)}"

    def _looked(self, request: gr.Request, moment: float, *values: Any) -> list[Any]:
        desk = self._desk(request)
        choices = self._chosen(values, desk)
        if choices.clip is None:
            return [gr.skip() for _ in range(3)]
        try:
            seen = desk.look(choices, moment)
        except VidstyleError as error:
            return drawn(Shown(desk.plain(error), "failed"))[:3]
        return [gr.skip(), *drawn(seen)[1:3]]

    def _asked(self, request: gr.Request) -> list[Any]:
        self._desk(request).begin()
        return [*_pressable(painting=True), drawn(Shown("waiting for its turn"))[0]]

    def _tried(self, request: gr.Request, moment: float, *values: Any) -> Iterator[list[Any]]:
        desk = self._desk(request)
        with closing(desk.try_frame(self._chosen(values, desk), moment)) as happening:
            for shown in happening:
                yield drawn(shown)

    def _rendered(self, request: gr.Request, moment: float, *values: Any) -> Iterator[list[Any]]:
        desk = self._desk(request)
        with closing(desk.render(self._chosen(values, desk), moment)) as happening:
            for shown in happening:
                yield drawn(shown)

    def _at_rest(self) -> list[Any]:
        return _pressable(painting=False)

    def _stopped(self, request: gr.Request) -> None:
        self._desk(request).stop()

    def _left(self, request: gr.Request) -> None:
        desk = self._desks.pop(str(request.session_hash), None)
        if desk is not None:
            desk.close()

    def _chosen(self, values: tuple[Any, ...], desk: Desk) -> Choices:
        return chosen(values, self._limits, desk.clip)

    def _desk(self, request: gr.Request) -> Desk:
        with self._lock:
            visitor = str(request.session_hash)
            if visitor not in self._desks:
                self._desks[visitor] = Desk(self._root, self._worker)
            return self._desks[visitor]


def _pressable(*, painting: bool) -> list[Any]:
    """Try, Render and Stop: what can be pressed now."""
    return [
        gr.Button(interactive=not painting),
        gr.Button(interactive=not painting),
        gr.Button(interactive=painting),
    ]
