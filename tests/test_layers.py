"""The architecture's import contracts hold."""

import subprocess
import sys
from pathlib import Path


def test_import_contracts_are_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "5 kept, 0 broken" in done.stdout
