"""``mulu serve``: the site on this machine only, each page made when it is asked for."""

from __future__ import annotations

import mimetypes
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click

from mulu.cli.build import Source, program_stamp, site_of, source_of
from mulu.cli.check import report
from mulu.cli.shell import CLEAN, Shell, load_again, lying, say, with_shell
from mulu.findings import Verdict

_LOOK_AGAIN = 0.25
"""Seconds for which the files on disk are taken to be as they were."""


@click.command(help="在本机查看网站；改了文件，重新打开网页就能看到。按 Ctrl-C 结束。")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="端口，0 为任选。")
@click.option("--audience", type=click.Choice(["public", "internal"]), default="public", help="给社会看，还是内部看。")  # fmt: skip
@with_shell
def command(shell: Shell, port: int, audience: str) -> int:
    """Serve until interrupted."""
    live = Live(shell, internal=audience == "internal")
    live.look()

    class Handler(_Handler):
        site = live

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        say(f"请在浏览器打开 http://127.0.0.1:{server.server_address[1]}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("已停止")
    return CLEAN


class Live:
    """The site as the files on disk are: looked at again before each page."""

    def __init__(self, shell: Shell, *, internal: bool) -> None:
        from mulu.tree.memory import remember

        self._shell, self._internal = shell, internal
        self._memory = remember(shell.root, Path("serve"), program_stamp())
        self._lock = threading.Lock()
        self._looked = 0.0
        self._site: Any = None
        self._source: Source | None = None
        self._files: dict[str, Any] = {}
        self._gone: frozenset[str] = frozenset()

    def look(self) -> None:
        """Take in what has changed on disk; nothing within a quarter of a second."""
        if self._site is not None and time.monotonic() - self._looked < _LOOK_AGAIN:
            return
        first = self._site is None
        register, findings, digests, before = load_again(
            self._shell, self._memory, lying(self._shell)
        )
        if first or before:
            self._tell(findings)
            self._take(register, digests)
        if first:
            self._memory.save()
        self._looked = time.monotonic()

    def _take(self, register: Any, digests: dict[str, bytes]) -> None:
        from mulu.register import is_withdrawn

        if self._source is None:  # asking Git again after each edit would take longer than the edit
            self._source = source_of(self._shell, self._memory.values)
        site, fixed = site_of(self._shell, register, self._source, self._memory, digests=digests, internal=self._internal)  # fmt: skip
        self._files = dict(fixed)
        self._gone = frozenset(f"resources/{one.key}/index.html" for one in register.of("resource").values() if is_withdrawn(one))  # fmt: skip
        self._site, self._parts = site, site.parts_beside_pages()

    def _tell(self, findings: list[Any]) -> None:
        """What loading found: a file that cannot be read has no page."""
        if findings:
            found = sorted(findings, key=lambda finding: finding.order)
            say(report(self._shell, Verdict(tuple(found), 0), "text"))

    def get(self, path: str) -> tuple[int, bytes, str]:
        """Status, content and path of what an address stands for."""
        with self._lock:
            self.look()
            name = path + "index.html" if path == "" or path.endswith("/") else path
            content = self._files.get(name)
            if content is None and name.endswith("index.html"):
                content = self._site.page(name)
            if content is None:
                content = self._made(name)
        if content is None:
            return 404, self._files.get("404.html", b""), "404.html"
        gone = name.removeprefix("en/") in self._gone
        return 410 if gone else 200, content, name

    def _made(self, name: str) -> bytes | None:
        """A file that comes from many records; made with its like when first asked for."""
        for folders, part in self._parts:
            if name.removeprefix("en/").startswith(folders):
                sheets = {sheet.path: sheet for sheet in part()}
                return sheets[name].make() if name in sheets else None
        return None


class _Handler(BaseHTTPRequestHandler):
    """Answers for reading only, says UTF-8, and keeps the terminal calm."""

    site: Live

    def do_GET(self) -> None:
        """A page or a file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """What GET would say, without the content."""
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        try:
            status, content, name = self.site.get(path)
        except Exception as error:  # a register half-edited must not end the server
            say(f"没有做出 {path or '首页'}：{type(error).__name__}")
            status, content, name = 500, "登记簿现在读不出来，改正后重新打开。".encode(), "x.txt"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") or kind.endswith("json") else ""
        self.send_response(status)
        self.send_header("Content-Type", kind + charset)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of each request."""
