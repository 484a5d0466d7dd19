"""Logs, metrics and traces. Nothing here is configured at import."""
