"""A stack of real processes that a test may hurt."""

import contextlib
from dataclasses import dataclass

import psutil
from viva_local.home import Home, RunningStack


@dataclass(frozen=True)
class LocalStack:
    """A stack that `viva up` runs; its processes by name."""

    home: Home
    state: RunningStack

    def process(self, name: str) -> psutil.Process:
        """The process of that name: nats, postgresql, session, question-gen, evaluator, gateway."""
        if name == "postgresql":
            pid = int((self.home.postgres / "postmaster.pid").read_text().splitlines()[0])
            return psutil.Process(pid)
        mark = "nats-server" if name == "nats" else f"viva_{name.replace('-', '_')}"
        for child in psutil.Process(self.state.pid).children():
            with contextlib.suppress(psutil.Error):
                if any(mark in word for word in child.cmdline()):
                    return child
        raise AssertionError(f"{name} does not run")
