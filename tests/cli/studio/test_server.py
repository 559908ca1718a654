"""Who gets in, what may be dropped, and that nothing goes out: the page's server, asked over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from vidstyle.cli.main import run
from vidstyle.cli.studio.server import Serving, application, listening, private_folder
from vidstyle.cli.studio.worker import Worker
from vidstyle.errors import SettingsError
from vidstyle.media import Limits


def serving(**changes: Any) -> Serving:
    return Serving(
        **{"host": "127.0.0.1", "port": 0, "password": None} | changes, max_upload=100_000, limits=Limits()
    )


@contextmanager
def visited(how: Serving, name: str = "http://localhost") -> Iterator[TestClient]:
    with private_folder() as folder, TestClient(made(how, folder), base_url=name) as client:
        yield client


def made(how: Serving, folder: Path) -> FastAPI:
    """The application, made while an event loop runs: without one Gradio opens eleven, and closes none.

    Garbage collection then warns of each, wherever it comes. Python 3.11 parses source to show where a
    warning comes from, and fails where it was parsing already ("AST constructor recursion depth mismatch").
    """

    async def make() -> FastAPI:
        return application(how, folder, Worker())

    return asyncio.run(make())


@pytest.fixture(scope="module")
def visitor() -> Iterator[TestClient]:
    with visited(serving()) as client:
        yield client


def uploaded(visitor: TestClient, content: bytes, name: str = "clip.mp4") -> Any:
    return visitor.post("/gradio_api/upload", files={"files": (name, content)})


def command_for(visitor: TestClient, path: str) -> dict[str, Any]:
    """Ask for the command line, with a file as the clip; the answer of Gradio's queue or its refusal."""
    config = visitor.get("/config").json()
    number, call = next(
        (at, each) for at, each in enumerate(config["dependencies"]) if each["api_name"] == "_told_command"
    )
    props = {each["id"]: each["props"].get("value") for each in config["components"]}
    data = [props[each] for each in call["inputs"]]
    data[0] = {"path": path, "orig_name": "clip.mp4", "meta": {"_type": "gradio.FileData"}}
    answer = visitor.post(
        "/gradio_api/run/predict",
        json={"data": data, "fn_index": call.get("id", number), "session_hash": "me"},
    )
    return {"code": answer.status_code, "text": answer.text}


def test_a_file_that_was_uploaded_is_taken_and_another_is_not(visitor: TestClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_text("secret")
    (mine,) = uploaded(visitor, b"clip").json()

    taken = command_for(visitor, mine)
    assert (taken["code"], "no style yet" in taken["text"]) == (200, True), taken
    refused = command_for(visitor, str(secret))
    assert refused["code"] == 500, refused
    assert visitor.get(f"/gradio_api/file={secret}").status_code == 403
    assert visitor.get(f"/gradio_api/file={mine}").content == b"clip"


def test_too_large_a_file_is_refused(visitor: TestClient) -> None:
    assert uploaded(visitor, bytes(99_000)).status_code == 200
    assert uploaded(visitor, bytes(101_000)).status_code == 413


def test_a_page_elsewhere_cannot_pass_for_this_one(visitor: TestClient) -> None:
    assert visitor.get("/config").status_code == 200
    assert visitor.get("/config", headers={"host": "evil.example"}).status_code == 400


def test_visitors_give_the_password() -> None:
    with visited(serving(host="0.0.0.0", password="sesame"), "http://studio.local") as client:
        assert client.get("/config").status_code == 401
        wrong = client.post("/login", data={"username": "me", "password": "Sesame"})
        assert wrong.status_code == 400
        assert client.post("/login", data={"username": "me", "password": "sesame"}).status_code == 200
        assert client.get("/config").status_code == 200


def test_making_and_visiting_the_page_calls_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []

    def refused(*who: object, **_: object) -> None:
        called.append(who)
        raise OSError("no calls outside")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    with visited(serving()) as client:
        page = client.get("/").text
    assert called == []
    assert "fonts.googleapis.com/css2?family" not in page


def test_a_taken_port_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with listening(serving()) as (taken, _):
        port = taken.getsockname()[1]
        assert run(["studio", "--port", str(port)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"127.0.0.1:{port}: cannot be listened on" in err
    assert "--port 0" in err


def test_a_foreign_address_is_told() -> None:
    with (
        pytest.raises(SettingsError, match=r"192\.0\.2\.1:0: cannot be listened on"),
        listening(serving(host="192.0.2.1")),
    ):
        pass


def test_without_gradio_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert run(["studio"]) == 2
    assert 'pip install "vidstyle[studio]"' in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "vidstyle", "studio", "--host", "0.0.0.0", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "OMP_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    address, warning = process.stderr.readline(), process.stderr.readline()
    port = address.split(" is the page")[0].rsplit(":", 1)[1]
    assert "NO PASSWORD" in warning
    (folder,) = tmp_path.glob("vidstyle-studio-*")
    assert folder.stat().st_mode & 0o077 == 0
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=60) as answer:
        assert json.load(answer)["title"] == "vidstyle studio"
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert (process.returncode, rest) == (130, "")
    assert list(tmp_path.iterdir()) == []
