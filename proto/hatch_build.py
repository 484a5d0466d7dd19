"""Build hook: generates the Python stubs into gen/ whenever viva-contracts is built, an editable install included."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StubsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs stubs.py before the wheel or the editable install is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate stubs; `version` is "standard" or "editable", both need them."""
        sys.path.insert(0, self.root)
        import stubs

        stubs.generate(Path(self.root), Path(self.root) / "gen")
