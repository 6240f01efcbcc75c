"""``mulu serve``: build, serve on this machine only, rebuild when a file changes."""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from mulu.cli.build import build
from mulu.cli.shell import CLEAN, Shell, say, with_shell
from mulu.tree.limits import FOLDERS


@click.command(help="在本机查看网站；改了文件会重新生成。按 Ctrl-C 结束。")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="端口，0 为任选。")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("build/site"), help="网站放到哪个文件夹。")  # fmt: skip
@with_shell
def command(shell: Shell, port: int, output: Path) -> int:
    """Build and serve until interrupted."""
    code = build(shell, output)
    if code != CLEAN and not output.is_dir():
        return code
    handler = partial(_Quiet, directory=str(output))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        say(f"请在浏览器打开 http://127.0.0.1:{server.server_address[1]}/")
        threading.Thread(target=_rebuild_for_ever, args=(shell, output), daemon=True).start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("已停止")
    return CLEAN


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, says UTF-8, and keeps the terminal calm."""

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        """The type by name, with the charset that keeps Chinese whole."""
        kind = super().guess_type(path)
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of each request."""


def _rebuild_for_ever(shell: Shell, output: Path) -> None:
    before = _stamp(shell.root)
    while True:
        time.sleep(0.5)
        now = _stamp(shell.root)
        if now != before:
            before = now
            try:
                build(Shell(shell.given_root or shell.root, shell.given_today), output)
            except Exception as error:
                say(f"没有重新生成：{error}")


def _stamp(root: Path) -> tuple[int, int]:
    """How many files there are and when the newest was written."""
    folders = [*FOLDERS, "site", "schemas"]
    times = [p.stat().st_mtime_ns for f in folders for p in (root / f).rglob("*") if p.is_file()]
    return len(times), max(times, default=0)
