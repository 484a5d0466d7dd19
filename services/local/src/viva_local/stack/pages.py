"""Where the built pages lie."""

import os
from pathlib import Path

_CHECKOUT = Path(__file__).parents[5]


def pages(checkout: Path = _CHECKOUT) -> dict[str, str]:
    """The gateway's setting: as the environment says, else what `make web` built in this checkout; empty when it did
    not."""
    if "VIVA_WEB_FOLDER" in os.environ:
        return {}  # handed on as it is
    built = checkout / "services" / "web" / "dist"
    return {"VIVA_WEB_FOLDER": str(built)} if (built / "index.html").exists() else {}
