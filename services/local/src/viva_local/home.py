"""Where a stack on one machine keeps its data, its secrets and its state.

Everything lies under one folder (`VIVA_HOME`, else `~/.local/share/viva`), readable by its owner alone. `reset` deletes
exactly this folder and nothing else.
"""

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from viva_core.errors import Refused


@dataclass(frozen=True)
class RunningStack:
    """What a running stack says of itself, for `viva status`, `viva down` and `viva demo`."""

    pid: int
    gateway_url: str
    nats_url: str
    database_url: str
    session_target: str
    evaluator_target: str
    tenant_id: str
    admin_email: str
    voice: bool
    """Whether it hears."""


class Home:
    """The folder and what is in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def from_environment(cls) -> "Home":
        """`VIVA_HOME`, else the user's data folder."""
        given = os.environ.get("VIVA_HOME")
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return cls(Path(given).expanduser() if given else Path(data) / "viva")

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        """nats-server's configuration and streams."""
        return self.root / "nats"

    @property
    def log(self) -> Path:
        """The merged log."""
        return self.root / "viva.log"

    @property
    def spool(self) -> Path:
        """Speech that waits to become words, encrypted."""
        return self.root / "spool"

    @property
    def recordings(self) -> Path:
        """What was recorded with the candidate's consent, encrypted."""
        return self.root / "recordings"

    @property
    def turn(self) -> Path:
        """The TURN server's configuration and log."""
        return self.root / "turn"

    @property
    def reports(self) -> Path:
        """Reports that `viva demo` saved."""
        return self.root / "reports"

    def create(self) -> None:
        """Make the folders; ours alone."""
        self.root.mkdir(parents=True, exist_ok=True)
        # The embedded PostgreSQL changes to a user of its own when we are root, and must be able to pass through.
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.nats, self.root / "secrets", self.reports, self.spool, self.recordings, self.turn):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

    def secret(self, name: str) -> Path:
        """A file with a secret of ours, made at the first call: 43 characters, 256 random bits."""
        path = self.root / "secrets" / name
        if not path.exists():
            with (
                contextlib.suppress(FileExistsError),
                os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file,
            ):
                file.write(secrets.token_urlsafe(32))
        return path

    def running(self) -> RunningStack | None:
        """The stack that runs on this folder; None when none does."""
        try:
            state = RunningStack(**json.loads(self._state.read_text()))
            os.kill(state.pid, 0)
        except (OSError, ValueError, TypeError):
            return None
        return state

    def announce(self, state: RunningStack) -> None:
        """Say that a stack runs. Raises Refused when another one does."""
        other = self.running()
        if other is not None and other.pid != state.pid:
            raise Refused(f"a stack already runs on {self.root} (process {other.pid}): `viva down` stops it")
        fresh = self._state.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(state)))
        fresh.replace(self._state)

    def retract(self) -> None:
        """Say that no stack runs any more."""
        self._state.unlink(missing_ok=True)

    @property
    def _state(self) -> Path:
        return self.root / "running.json"
