"""Whole processes and whole folders: what a run took, and whether two folders are the same.

Memory is the sum of PSS (each shared page counted once, divided among those who share it)
over all processes of the run's session, looked at every 0.2 s: the peak of the tree, where
``ru_maxrss`` would give the largest process alone.  A run of less than half a second is
looked at once or twice only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.2
Command = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Run:
    """Wall seconds, processor seconds, and the peak memory in MiB: each of the whole tree."""

    seconds: float
    processor: float
    memory: int


@dataclass(frozen=True, slots=True)
class Size:
    """What a folder holds."""

    files: int
    megabytes: float

    def __str__(self) -> str:
        """In a line of a bench."""
        return f"{self.files} files, {self.megabytes:.1f} MB"


class Memory:
    """Watches a session until told to stop; ``peak`` is in MiB."""

    def __init__(self, session: int, every: float = EVERY) -> None:
        self._session = session
        self._every = every
        self._over = threading.Event()
        self._kilobytes = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The peak so far, and no more looking."""
        self._over.set()
        self._thread.join()
        return self.peak

    @property
    def peak(self) -> int:
        """The highest sum seen."""
        return self._kilobytes // 1024

    def _watch(self) -> None:
        while True:
            self._kilobytes = max(self._kilobytes, memory_of(self._session))
            if self._over.wait(self._every):
                return


def memory_of(session: int) -> int:
    """The PSS of all processes of a session, in kB."""
    processes = (path for path in Path("/proc").iterdir() if path.name.isdigit())
    return sum(_pss(process) for process in processes if _session(process) == session)


def _session(process: Path) -> int:
    try:
        status = (process / "stat").read_text("utf-8", "replace")
    except OSError:
        return 0  # it has ended meanwhile
    # The second field is the program's name in brackets, and may hold spaces and brackets.
    return int(status.rpartition(")")[2].split()[3])


def _pss(process: Path) -> int:
    try:
        rollup = (process / "smaps_rollup").read_text("utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.split("\n") if line.startswith("Pss:")), 0)


def run(command: Command, cwd: Path | None = None, **environment: str) -> Run:
    """One run of a command, in a session of its own.

    Raises SystemExit where it fails: a failed run is no measurement.
    """
    with tempfile.TemporaryFile() as complaint:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=complaint,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        memory = Memory(process.pid)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # Ctrl-C does not reach another session
            raise
        seconds = time.perf_counter() - start
        peak = memory.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaint.seek(0)
            sys.exit(f"{command[0]} failed: {complaint.read().decode()[-500:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def files_of(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its path relative to it."""
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


def size_of(folder: Path) -> Size:
    """How many files there are, and their bytes."""
    sizes = [path.stat().st_size for path in files_of(folder).values()]
    return Size(len(sizes), sum(sizes) / 1e6)


def differences(one: Path, other: Path) -> list[str]:
    """The paths that only one folder has, or whose bytes differ; sorted."""
    left, right = files_of(one), files_of(other)
    found = left.keys() ^ right.keys()
    found |= {
        name for name in left.keys() & right.keys()
        if left[name].read_bytes() != right[name].read_bytes()
    }  # fmt: skip
    return sorted(found)


def moment(folder: Path) -> int:
    """The file system's own idea of now, in ns; every file there is older.

    It ticks more coarsely than the clock (4 to 10 ms), so one tick is let go by.
    """
    time.sleep(0.02)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_mtime_ns


def written_since(folder: Path, stamp: int) -> int:
    """How many files have been written since a moment."""
    return sum(path.stat().st_mtime_ns >= stamp for path in files_of(folder).values())
