"""Fetching weights, against a real server on the loopback device."""

import hashlib
import http.server
import os
import socket
import sys
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from vidstyle.errors import WeightsError
from vidstyle.features import weights

CONTENT = bytes(range(256)) * 9000  # more than two pieces
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    requests: ClassVar[list[str]] = []

    def do_GET(self):
        self.requests.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/undeclared":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: 1 << 20] if self.path == "/truncated" else CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "cache" / "vidstyle"
    monkeypatch.setattr(weights, "cache_folder", lambda: folder)
    Server.requests.clear()
    return folder


def test_a_file_with_the_right_hash_lands_in_the_cache_and_is_fetched_once(address, cache):
    seen = []
    path = weights.fetch(f"{address}/w", SHA256, "w.pth", lambda done, total: seen.append((done, total)))
    assert path == cache / "w.pth"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert weights.fetch(f"{address}/w", SHA256, "w.pth") == path
    assert Server.requests == ["/w"]


def test_the_first_digits_of_a_hash_are_enough(address):
    assert weights.fetch(f"{address}/w", SHA256[:8].upper(), "w.pth").exists()


def test_a_server_that_does_not_say_the_length_is_believed_by_the_hash(address):
    seen = []
    weights.fetch(f"{address}/undeclared", SHA256, "w.pth", lambda done, total: seen.append(total))
    assert set(seen) == {None}


@pytest.mark.parametrize(
    ("page", "sha256", "reason"),
    [
        ("w", "0" * 64, "sha256"),
        ("truncated", SHA256, f"ended after {1 << 20} of {len(CONTENT)} bytes"),
        ("missing", SHA256, "404"),
    ],
)
def test_what_is_not_the_whole_right_file_is_refused_and_leaves_nothing(address, cache, page, sha256, reason):
    with pytest.raises(WeightsError, match=reason):
        weights.fetch(f"{address}/{page}", sha256, "w.pth")
    assert list(cache.iterdir()) == []


def test_offline_names_the_cache_file_the_address_and_the_way_out(cache):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/w"  # bound, but nobody listens
        with pytest.raises(WeightsError) as caught:
            weights.fetch(url, SHA256, "w.pth")
    for part in (str(cache / "w.pth"), url, "no connection", "--weights FILE"):
        assert part in str(caught.value)
    assert list(cache.iterdir()) == []


def test_a_server_that_falls_silent_is_given_up(cache, monkeypatch):
    monkeypatch.setattr(weights, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/w"
        with pytest.raises(WeightsError, match="timed out"):
            weights.fetch(url, SHA256, "w.pth")


def test_a_cache_that_cannot_be_written_is_not_called_a_network_fault(address, cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    with pytest.raises(WeightsError, match="cannot be written"):
        weights.fetch(f"{address}/w", SHA256, "w.pth")
    assert Server.requests == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_named(address, monkeypatch):
    monkeypatch.setattr(weights.os, "fdopen", lambda handle, mode: _full(handle))
    with pytest.raises(WeightsError, match="No space left"):
        weights.fetch(f"{address}/w", SHA256, "w.pth")


def _full(handle):
    os.close(handle)
    return open("/dev/full", "wb", buffering=0)  # noqa: PTH123
