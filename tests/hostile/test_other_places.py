"""A source is one local file: no other file, host, pipe or device is opened because of what it holds."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Vidstyle

from vidstyle.errors import InputError
from vidstyle.media import probe, read_picture

unix = pytest.mark.skipif(sys.platform == "win32", reason="a Unix matter")
PAINT = ("--strength", "0", "-q", "draft")


@pytest.fixture
def host() -> Iterator[tuple[int, list[str]]]:
    """A port where someone listens, and the list of who called."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    caller, address = server.accept()
                except OSError:
                    return
                callers.append(str(address))
                caller.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


LISTS = {
    "hls.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
    "hls.mp4": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:5,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
    "hls-key.m3u8": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{url}/k"\n#EXTINF:5,\nclip.mp4\n',
    "dash.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{url}/a.mp4'
    "</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "concat.mkv": "ffconcat version 1.0\nfile {url}/a.mp4\n",
    "plain-concat.txt": "ffconcat version 1.0\nfile clip.mp4\n",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "ramp.asx": '<asx version="3.0"><entry><ref href="{url}/a.wmv"/></entry></asx>',
    "drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/a.png"/></svg>',
    "drawing.mvg": "push graphic-context\nimage over 0,0 0,0 'url({url}/a.png)'\npop graphic-context\n",
    "script.avs": 'AVISource("clip.mp4")\n',
}


@pytest.mark.parametrize("name", LISTS)
def test_what_names_other_places_is_refused_and_nobody_is_called(
    folder: Path, host: tuple[int, list[str]], name: str
) -> None:
    port, callers = host
    (folder / name).write_text(LISTS[name].replace("{url}", f"http://127.0.0.1:{port}"))
    for read in (probe, read_picture):
        with pytest.raises(InputError, match="no video or picture that can be read"):
            read(Path(name))
    assert callers == []


@pytest.mark.parametrize(
    "name",
    [
        "http://127.0.0.1:{port}/a.mp4",
        "concat:clip.mp4|clip.mp4",
        "subfile,,start,0,end,5000,,:clip.mp4",
        "data:video/mp4;base64,AAAA",
        "file:clip.mp4",
        "crypto:clip.mp4",
        "cache:clip.mp4",
        "async:clip.mp4",
        "tcp://127.0.0.1:{port}",
        "lavfi:testsrc",
    ],
)
def test_a_name_is_a_file_and_no_protocol(
    folder: Path, vidstyle: Vidstyle, host: tuple[int, list[str]], name: str
) -> None:
    port, callers = host
    ended = vidstyle("stylize", name.replace("{port}", str(port)), "style.png", "-o", "out.mp4")
    assert ended.code == 3
    assert "does not exist" in ended.err
    if name.startswith(("http", "tcp")):
        assert "Only local files are read" in ended.err
    assert callers == []


@unix
@pytest.mark.timeout(20)
@pytest.mark.parametrize("place", ["source", "style"])
def test_pipes_and_devices_are_told_at_once(folder: Path, vidstyle: Vidstyle, place: str) -> None:
    os.mkfifo("pipe.mp4")  # nobody writes into it: opening it would wait for ever
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp4")
        for name in ("pipe.mp4", "/dev/zero", "/dev/urandom", "/dev/null", "socket.mp4"):
            files = (name, "style.png") if place == "source" else ("clip.mp4", name)
            ended = vidstyle("stylize", *files, "-o", "out.mp4")
            assert ended.code == 3, ended.err
            assert "is a pipe" in ended.err or "is a device" in ended.err
            assert len(ended.err.splitlines()) == 1


@unix
def test_links_to_sources_are_followed_and_circles_told(folder: Path, vidstyle: Vidstyle) -> None:
    Path("link.mp4").symlink_to("clip.mp4")
    Path("circle.mp4").symlink_to("circle.mp4")
    Path("nowhere.mp4").symlink_to("gone.mp4")
    assert vidstyle("info", "link.mp4").code == 0
    for name, complaint in (("circle.mp4", "cannot be opened"), ("nowhere.mp4", "does not exist")):
        ended = vidstyle("info", name)
        assert ended.code == 3
        assert complaint in ended.err
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "link.mp4", "-y", *PAINT)
    assert ended.code == 4
    assert "is the source itself" in ended.err


@unix
def test_an_output_that_is_a_link_is_replaced_and_what_it_leads_to_is_not(
    folder: Path, vidstyle: Vidstyle
) -> None:
    precious = folder / "precious"
    precious.write_text("precious")
    Path("out.png").symlink_to(precious)
    command = ("stylize", "photo.png", "style.png", "-o", "out.png", *PAINT)
    assert vidstyle(*command).code == 4  # it is there
    assert vidstyle(*command, "-y").code == 0
    assert precious.read_text() == "precious"
    assert not Path("out.png").is_symlink()


@unix
@pytest.mark.parametrize("name", ["pipe.mp4", "/dev/full", "socket.mp4"])
def test_an_output_is_no_device(folder: Path, vidstyle: Vidstyle, name: str) -> None:
    os.mkfifo("pipe.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp4")
        before = Path(name).stat()
        ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", name, "-y", *PAINT)
        assert ended.code == 4
        assert "is a device or a pipe" in ended.err
        assert Path(name).stat().st_mode == before.st_mode


@unix
def test_no_folder_is_emptied_that_a_link_leads_to(folder: Path, vidstyle: Vidstyle) -> None:
    papers = folder / "papers"
    papers.mkdir()
    (papers / "will.txt").write_text("precious")
    Path(".out.mp4.vidstyle-state").symlink_to(papers)
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "out.mp4", "--restart", *PAINT)
    assert ended.code == 4
    assert "is a link" in ended.err
    assert (papers / "will.txt").read_text() == "precious"


@unix
@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "x/" * 3000 + "a.mp4"])
def test_names_that_the_system_refuses_are_told(folder: Path, vidstyle: Vidstyle, name: str) -> None:
    for files in ((name, "style.png", "-o", "o.mp4"), ("clip.mp4", name, "-o", "o.mp4")):
        ended = vidstyle("stylize", *files)
        assert ended.code == 3
        assert len(ended.err.splitlines()) == 1
    assert vidstyle("stylize", "clip.mp4", "style.png", "-o", name).code == 4
    Path("jobs.toml").write_text(f'[[jobs]]\ninput = "clip.mp4"\nstyles = "{name}"\noutput = "{name}"\n')
    ended = vidstyle("batch", "jobs.toml", "--dry-run")
    assert ended.code == 3
    assert "jobs.toml:3: " in ended.err
    assert "cannot be used (File name too long)" in ended.err
