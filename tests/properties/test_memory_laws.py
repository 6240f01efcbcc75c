"""What a build remembers is what it knew, however much of it has changed since."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
from git import Repo
from hypothesis import given, settings
from hypothesis import strategies as st

from mulu.tree.memory import Memory, remember

_VALUES = st.dictionaries(
    st.sampled_from(["files", "left", "key", "history"]),
    st.one_of(
        st.dictionaries(st.integers(0, 40), st.tuples(st.text(max_size=3), st.integers())),
        st.binary(max_size=4),
    ),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("register")
    Repo.init(root).close()
    return root


def known(root: Path, stamp: str = "1") -> Memory:
    return remember(root, root / "site", stamp)


@settings(deadline=None)
@given(runs=st.lists(_VALUES, min_size=1, max_size=4))
def test_what_was_saved_is_remembered(place: Path, runs: list[dict[str, Any]]) -> None:
    shutil.rmtree(place / ".git/mulu", ignore_errors=True)
    for values in copy.deepcopy(runs):
        kept = known(place)
        before = copy.deepcopy(kept.base)
        for name, value in values.items():
            if isinstance(value, dict) and isinstance(kept.values.get(name), dict):
                kept.values[name].update(value)
                for key in [key for key in kept.values[name] if key not in value and key % 3 == 0]:
                    del kept.values[name][key]
            else:
                kept.values[name] = copy.copy(values[name])
        assert kept.base == before
        kept.save()
        assert known(place).values == kept.values
        assert known(place, "2").values == {}


def test_a_small_change_is_written_beside_the_rest(tmp_path: Path) -> None:
    Repo.init(tmp_path).close()
    first = known(tmp_path)
    first.values["files"] = {n: (n,) for n in range(100)}
    first.save()
    whole = first.place.read_bytes()
    again = known(tmp_path)
    again.values["files"][3] = (4,)
    again.save()
    assert first.place.read_bytes() == whole
    assert known(tmp_path).values["files"] == {**first.values["files"], 3: (4,)}


def test_a_memory_cut_short_is_none(place: Path) -> None:
    kept = known(place)
    kept.values["key"] = b"1"
    kept.save()
    kept.place.write_bytes(kept.place.read_bytes()[:-1])
    assert known(place).values == {}
