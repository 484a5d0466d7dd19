"""values.yaml with its comments: a line that starts with `#` above a key is the key's description."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Value:
    """One documented key: its path from the root, what it is for, and its default."""

    path: tuple[str, ...]
    description: str
    default: object
    leaf: bool


def documented(file: Path) -> list[Value]:
    """Every key of a values file, in its order."""
    text = file.read_text(encoding="utf-8")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    return list(_walk(root, yaml.safe_load(text), text.splitlines(), ()))


def _walk(node: yaml.MappingNode, values: object, lines: list[str], path: tuple[str, ...]) -> Iterator[Value]:
    assert isinstance(values, dict)
    for key, child in node.value:
        here = (*path, str(key.value))
        default = values[key.value]
        block = isinstance(child, yaml.MappingNode) and not child.flow_style
        yield Value(here, _above(lines, key.start_mark.line), default, leaf=not block)
        if isinstance(child, yaml.MappingNode) and block and not _free(lines, key.start_mark.line):
            yield from _walk(child, default, lines, here)


def _free(lines: list[str], line: int) -> bool:
    """Whether a mapping is one value, such as Kubernetes' resources, rather than keys of the chart's own."""
    return lines[line].strip() == "resources:"


def _above(lines: list[str], line: int) -> str:
    words: list[str] = []
    for text in reversed(lines[:line]):
        if not text.strip().startswith("#"):
            break
        words.insert(0, text.strip().lstrip("# "))
    return " ".join(words)
