"""What web servers must be told that pages cannot say themselves: headers, and what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_ALSO = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)


def files(policy: str, gone: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """``_headers`` for hosts that read it, and a snippet for nginx; ``gone`` are pages' addresses."""
    headers = (("Content-Security-Policy", f"{policy}; frame-ancestors 'none'"), *_ALSO)
    lines = "".join(f"  {name}: {value}\n" for name, value in headers)
    yield "_headers", f"/*\n{lines}".encode()
    yield "nginx.conf", _nginx(headers, gone).encode()


def _nginx(headers: Sequence[tuple[str, str]], gone: Sequence[str]) -> str:
    """To be included in a ``server`` block whose root is the site."""
    parts = [f'add_header {name} "{value}" always;\n' for name, value in headers]
    parts.append("charset utf-8;\nerror_page 404 /404.html;\n")
    for address in gone:  # a record's key has no character that nginx would read as its own
        parts.append(f"location = /{address} {{ error_page 410 /{address}index.html; return 410; }}\n")  # fmt: skip
    return "".join(parts)
