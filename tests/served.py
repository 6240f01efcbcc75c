"""The built site as tests see it: a folder behind a local address, and one address of every kind of page."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHROMIUM = "/usr/bin/chromium"

MAIN_KINDS = ["", "search/?k=统计", "agencies/minzheng/", "resources/minzheng/hunyin-dengji/", "negative-list/", "requests/", "cases/request/2026/tuiyi--hunyin-dengji/", "libraries/renkou/"]  # fmt: skip

KINDS_OF_PAGE = [*MAIN_KINDS, "browse/", "browse/h/", "items/", "items/公民身份号码/", "changes/", "no-originals/", "downloads/", "objections/", "en/", "en/resources/minzheng/hunyin-dengji/", "en/todo/", "en/guides/", "search/", "agencies/", "libraries/", "laws/tongjifa/", "cases/", "todo/", "procedures/", "procedures/request/", "articles/", "packs/national-2025/procedures/", "packs/national-2025/procedures/request/", "packs/national-2025/articles/", "rules/", "rules/withheld-needs-basis/", "fields/", "guides/", "guides/agency/", "about/", "monitor/", "monitor/offices/", "monitor/agencies/minzheng/", "en/monitor/agencies/minzheng/", "report/", "report/2025/", "report/2025/agencies/minzheng/", "report/2025/tables/", "report/2025/figures/share-rate/", "en/report/2025/", "forms/", "forms/request/?resource=minzheng/hunyin-dengji", "forms/resource/", "adopt/", "404.html"]  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Generator[str]:
    """The address of a folder for as long as it is needed."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
