"""Times the replay of cases and one ``mulu act``, against the state machine library transitions.

    .venv/bin/python tests/bench/bench_replay.py

transitions keeps states only: no dates, no roles, no guards, no clocks.  It is told each
case's way through the procedure; ours finds it, checks every act, and computes deadlines.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from synthesise import write, write_cases
from transitions import Machine

from mulu.cli.shell import Shell, load_register
from mulu.tree.directory import Directory

TODAY = date(2026, 11, 23)
MULU = Path(sys.executable).parent / "mulu"


def main() -> None:
    """50,000 cases played in one process; one act in a register of 20,000 and 10,000."""
    with tempfile.TemporaryDirectory(prefix="mulu-bench-") as name:
        root = Path(name) / "cases"
        write(root, 1_000)
        write_cases(root, 50_000, 1_000)
        replay(root)
    with tempfile.TemporaryDirectory(prefix="mulu-bench-") as name:
        root = Path(name) / "act"
        write(root, 20_000)
        write_cases(root, 10_000, 20_000)
        act(root)


def replay(root: Path) -> None:
    """Every case's state and clocks, and the same ways through transitions."""
    register, findings = load_register(Shell(root, TODAY), Directory(root))
    assert not findings, findings[:3]
    start = time.perf_counter()
    played = [register.replay(case, TODAY) for case in register.cases]
    clocks = sum(len(one.clocks) for one in played)
    ours = time.perf_counter() - start
    assert not any(one.refused for one in played)
    machines = {name: machine(procedure) for name, procedure in register.pack.procedures.items()}
    start = time.perf_counter()
    for one in played:
        peer, states = machines[one.procedure.name]
        model = peer.model
        for step in one.history:
            peer.set_state(step.before or "start", model)
            getattr(model, f"go_{states[step.way]}")()
    theirs = time.perf_counter() - start
    acts = sum(len(one.history) for one in played)
    print(
        f"replay {len(played):,} cases, {acts:,} acts, {clocks:,} clocks: {ours:.2f} s ({1e6 * ours / acts:.1f} µs an act)"
    )
    print(f"transitions, states only: {theirs:.2f} s; ratio {ours / theirs:.2f}")


def machine(procedure: object) -> tuple[Machine, dict[object, int]]:
    """A transitions machine of a procedure, with a trigger for each of its ways."""
    from mulu.policy.procedure import Procedure

    assert isinstance(procedure, Procedure)
    peer = Machine(states=["start", *procedure.states], initial="start", auto_transitions=False)
    numbers: dict[object, int] = {}
    for number, way in enumerate(procedure.ways):
        numbers[way] = number
        peer.add_transition(f"go_{number}", [*sorted(way.sources)] or ["start"], way.to)
    return peer, numbers


def act(root: Path) -> None:
    """One ``mulu act`` that is accepted, the median of five whole processes."""
    case = next(
        path
        for path in sorted((root / "catalog/requests/2026").iterdir())
        if "act: list" in path.read_text() and "act: notify" not in path.read_text()
    )
    provider = case.read_text().partition("resource: ")[2].partition("/")[0]
    command = [
        str(MULU), "act", f"request/2026/{case.stem}", "notify", "--by", "danwei-0000", "--root",
        str(root), "--today", str(TODAY), "--set", f"received_on={TODAY}", "--set", f"to={provider}", "--dry-run",
    ]  # fmt: skip
    times: list[float] = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - start)
        assert done.returncode == 0, done.stdout + done.stderr
    print(f"mulu act among 20,000 resources and 10,000 cases: {statistics.median(times):.2f} s")


if __name__ == "__main__":
    main()
