"""One log for all processes: kept whole in a file, shown short on the terminal with a colour a service."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_red", "bright_cyan", "bright_green")
_KEPT = 20 * 1024 * 1024
_HIDDEN = frozenset({"event", "level", "timestamp", "service", "logger"})


class LogView:
    """Takes lines from many readers; `close` flushes. `quiet` keeps the terminal to warnings and errors."""

    def __init__(self, path: Path, console: Console, *, quiet: bool = False) -> None:
        if path.exists() and path.stat().st_size > _KEPT:
            path.replace(path.with_suffix(".log.1"))
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=1)
        self._console = console
        self._quiet = quiet
        self._colours: dict[str, str] = {}
        self._lock = threading.Lock()

    def line(self, source: str, line: str) -> None:
        """One line of a process's output, JSON or not."""
        record = _record(line)
        with self._lock:
            self._file.write(json.dumps({"source": source, **record}, ensure_ascii=False) + "\n")
        level = str(record.get("level", "info")).lower()
        if self._quiet and level not in ("warning", "error", "critical"):
            return
        self._show(source, level, record)

    def say(self, source: str, message: str, level: str = "info") -> None:
        """A line of the supervisor's own."""
        self.line(source, json.dumps({"event": message, "level": level, "timestamp": datetime.now(UTC).isoformat()}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _show(self, source: str, level: str, record: dict[str, Any]) -> None:
        colour = self._colours.setdefault(source, _COLOURS[len(self._colours) % len(_COLOURS)])
        text = Text()
        text.append(f"{source:>12} ", style=colour)
        style = {"warning": "yellow", "error": "bold red", "critical": "bold red"}.get(level, "")
        text.append(str(record.get("event", "")), style=style)
        rest = " ".join(f"{key}={value}" for key, value in record.items() if key not in _HIDDEN)
        if rest:
            text.append(f"  {rest}", style="dim")
        self._console.print(text, soft_wrap=True)


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    return record if isinstance(record, dict) else {"event": line}
