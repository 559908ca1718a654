"""`vidstyle studio`: start the page, say where it is, and serve it until Ctrl-C."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from vidstyle.cli.options import reading
from vidstyle.errors import SettingsError

WHO = "Who may use it"

Host = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Address to listen on; 0.0.0.0 lets other machines in.",
        rich_help_panel=WHO,
    ),
]
Port = Annotated[
    int,
    typer.Option(metavar="NUMBER", min=0, max=65535, help="0: any that is free.", rich_help_panel=WHO),
]
Password = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        envvar="VIDSTYLE_STUDIO_PASSWORD",
        help="Ask visitors for it. Better given in the environment, where nobody else sees it.",
        rich_help_panel=WHO,
        show_default=False,
    ),
]
MaxUpload = Annotated[
    float,
    typer.Option(
        metavar="MB",
        min=0.001,
        help="Largest file that may be dropped, in megabytes.",
        rich_help_panel=reading.LIMITS,
    ),
]


def studio(
    host: Host = "127.0.0.1",
    port: Port = 7860,
    password: Password = None,
    max_upload: MaxUpload = 1000.0,
    max_pixels: reading.MaxPixels = None,
    max_duration: reading.MaxDuration = None,
) -> None:
    """Open a page in your browser where a clip and a style are tried out, painted and compared.

    Nothing leaves this machine. Ctrl-C ends it, and what was uploaded and rendered is removed.
    """
    if importlib.util.find_spec("gradio") is None:
        raise SettingsError(
            "needs gradio, which is not installed",
            where="studio",
            hint='Install the extra: pip install "vidstyle[studio]".',
        )
    if password == "":
        raise SettingsError("is empty", where="--password", hint="Give one, or leave it out.")
    from vidstyle.cli.studio.server import Serving, listening, private_folder, serve
    from vidstyle.media import Limits

    given = reading.limits(max_pixels, max_duration, None, None)
    serving = Serving(host, port, password, int(max_upload * 1e6), Limits(**given))  # type: ignore[arg-type]
    with listening(serving) as (listener, address), private_folder() as folder:
        _say(f"{address} is the page; open it in a browser. Ctrl-C ends it.")
        if not serving.is_local and password is None:
            _say(
                "there is NO PASSWORD: whoever can reach this machine can use the page and see what is on "
                "it. Give --password, or leave out --host."
            )
        serve(serving, listener, folder)


def _say(text: str) -> None:
    typer.echo(f"vidstyle: {text}", err=True)
