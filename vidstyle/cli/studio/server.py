"""The server of the page: on one address, with nothing sent elsewhere, and gone without a trace."""

from __future__ import annotations

import hmac
import ipaddress
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.cli.studio.desk import DESKS
from vidstyle.errors import SettingsError
from vidstyle.media import Limits

if TYPE_CHECKING:
    from fastapi import FastAPI

    from vidstyle.cli.studio.worker import Worker

# Gradio and the libraries below it read these when they are imported; GRADIO_TEMP_DIR is set for each run.
_SILENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "GRADIO_RUN_HISTORY": "False",
}
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_MOMENT_TO_CLOSE = 1  # second, for browsers that still listen when the server ends


@dataclass(frozen=True)
class Serving:
    """How the page is served.

    Attributes:
        host: address to listen on.
        port: 0 takes any that is free.
        password: that visitors must give; None: nobody is asked.
        max_upload: bytes of a file that may be dropped.
        limits: what clips and styles may ask for.
    """

    host: str
    port: int
    password: str | None
    max_upload: int
    limits: Limits

    @property
    def is_local(self) -> bool:
        """Nobody but this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@contextmanager
def listening(serving: Serving) -> Iterator[tuple[socket.socket, str]]:
    """A socket that waits for visitors, and the address to give to a browser.

    Raises:
        SettingsError: the port is taken or not allowed, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
    listener = socket.socket(family)
    with closing(listener):
        if os.name != "nt":  # a port is free again at once; on Windows this would share one in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((serving.host, serving.port))
            listener.listen()
        except (OSError, OverflowError) as error:
            raise SettingsError(
                f"cannot be listened on ({getattr(error, 'strerror', None) or error})",
                where=f"{serving.host}:{serving.port}",
                hint="Give another --port, or --port 0 for any that is free."
                if not isinstance(error, socket.gaierror)
                else "Give an address of this machine as --host.",
            ) from error
        name = f"[{serving.host}]" if family == socket.AF_INET6 else serving.host
        yield listener, f"http://{name}:{listener.getsockname()[1]}"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only this user may look into, gone at the end; Gradio is told to keep its files there."""
    with tempfile.TemporaryDirectory(prefix="vidstyle-studio-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "uploads").mkdir()
        (folder / DESKS).mkdir()
        os.environ.update(_SILENT | {"GRADIO_TEMP_DIR": str(folder / "uploads")})
        yield folder


def serve(serving: Serving, listener: socket.socket, folder: Path) -> None:
    """Serve the page until a signal ends it, which is raised again when all is closed."""
    import uvicorn

    from vidstyle.cli.studio.worker import Worker

    worker = Worker()

    class Server(uvicorn.Server):  # type: ignore[misc] # no types are read from it
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            """Stop painting first: the server would wait for it."""
            worker.close()
            await super().shutdown(sockets)

    app = application(serving, folder, worker)
    worker.warm_up()
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=_MOMENT_TO_CLOSE)
    try:
        Server(config).run(sockets=[listener])
    finally:
        worker.close()


def application(serving: Serving, folder: Path, worker: Worker) -> FastAPI:
    """What answers browsers.

    Args:
        serving: who may come, and with how much.
        folder: private, see `private_folder`.
        worker: paints.
    """
    import gradio
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from vidstyle.cli.studio.drawn import CSS, THEME
    from vidstyle.cli.studio.page import Page

    gradio.set_static_paths([folder / DESKS])  # served from there, not copied
    page = Page(folder, worker, serving.limits)
    app = FastAPI(openapi_url=None)
    if serving.is_local:
        # A page elsewhere whose name was made to lead to this machine (DNS rebinding) sends its own name.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*_LOCAL_NAMES, serving.host])
    gradio.mount_gradio_app(
        app,
        page.blocks,
        "/",
        auth=_gate(serving.password),
        auth_message="Any name, and the password that this page was started with.",
        max_file_size=serving.max_upload,
        theme=THEME,
        css=CSS,
        footer_links=[],
        run_history=False,
        show_error=True,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
    )
    # Gradio refuses files that were not uploaded only once a page "has launched", which mounting leaves out.
    page.blocks.has_launched = page.blocks.is_running = True
    return app


def _gate(password: str | None) -> Callable[[str, str], bool] | None:
    """What asks visitors for the password."""
    if password is None:
        return None

    def knows(name: str, given: str) -> bool:
        return hmac.compare_digest(given.encode(), password.encode())

    return knows
