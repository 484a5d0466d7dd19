"""`python -m charts.generator [--check]`: writes the generated files, or tells which are out of date."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from charts.generator.dashboards import boards
from charts.generator.declarations import bus, models, network
from charts.generator.readme import readme
from charts.generator.schema import schema
from charts.generator.sizing import DOCUMENT, production
from charts.generator.slos import alerts

CHARTS = Path(__file__).parent.parent


def generated() -> Mapping[Path, str]:
    """Every generated file and its text."""
    viva = CHARTS / "viva"
    files = viva / "files"
    return {
        **{files / "dashboards" / name: text for name, text in boards().items()},
        **{files / "alerts" / f"{name}.yaml": _yaml(rule) for name, rule in alerts()},
        files / "bus.json": _json(bus()),
        files / "models.json": _json(models()),
        files / "network.json": _json(network()),
        viva / "values.schema.json": _json(schema(viva)),
        viva / "README.md": readme(viva),
        CHARTS.parent / DOCUMENT: production(CHARTS.parent),
    }


def stale() -> list[Path]:
    """The files that are not what they should be."""
    return [
        path for path, text in generated().items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _yaml(value: object) -> str:
    text = yaml.safe_dump(value, sort_keys=False, width=100, allow_unicode=True)
    return f"# Written by `python -m charts.generator` from slos.py.\n{text}"


def main(arguments: list[str]) -> int:
    """Write, or only look."""
    old = stale()
    if arguments == ["--check"]:
        for path in old:
            sys.stderr.write(f"{path.relative_to(CHARTS.parent)} is out of date: run `python -m charts.generator`\n")
        return 1 if old else 0
    texts = generated()
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(CHARTS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
