"""Who changed what, when: values the shell reads from Git and pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Landing:
    """One commit in the history of a file: its civil date in Asia/Shanghai, author and subject."""

    commit: str
    day: str
    author: str
    subject: str
