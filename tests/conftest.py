"""Test-wide settings: the forge's runs are the same each time, a developer's go on searching."""

import os

from hypothesis import settings

settings.register_profile("forge", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("forge")
