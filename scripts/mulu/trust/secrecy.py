"""Stub."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    what: str
    line: int
    column: int
    digest: str
    certain: bool


WHATS: dict[str, str] = {}


def scan(text: str) -> list[Hit]:
    return []


def scan_bytes(source: bytes) -> list[Hit]:
    return []
