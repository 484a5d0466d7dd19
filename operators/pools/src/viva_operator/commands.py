"""What `python -m viva_operator` can print or write, beside running: the CRDs and the rights, both made of the code."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from viva_operator.api import crds
from viva_operator.rbac import manifests, rules
from viva_operator.resources import RIGHTS


def answered(arguments: Sequence[str]) -> bool:
    """Whether a command was given, and done; without one the operator should run."""
    parser = argparse.ArgumentParser(
        prog="python -m viva_operator", description="Viva's operator; without a command it runs."
    )
    commands = parser.add_subparsers(dest="command")
    written = commands.add_parser("crds", help="write the CustomResourceDefinitions as YAML, a file each")
    written.add_argument("folder", type=Path, nargs="?", default=Path("charts/viva-crds/templates"))
    rights = commands.add_parser("rbac", help="print the operator's rights as YAML")
    rights.add_argument("--namespace", default="viva", help="where the operator runs")
    rights.add_argument("--account", default="viva-operator", help="its service account")
    kept = commands.add_parser("rights", help="write the rules of those rights as JSON, for the chart")
    kept.add_argument("file", type=Path, nargs="?", default=Path("charts/viva-operator/files/rights.json"))
    chosen = parser.parse_args(arguments)
    if chosen.command == "crds":
        write_crds(chosen.folder)
    if chosen.command == "rbac":
        sys.stdout.write(rbac_yaml(chosen.namespace, chosen.account))
    if chosen.command == "rights":
        chosen.file.write_text(rights_json(), encoding="utf-8")
    return chosen.command is not None


def write_crds(folder: Path) -> None:
    """Write each CRD into its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in crds.files().items():
        (folder / name).write_text(text, encoding="utf-8")


def rights_json() -> str:
    """The rules of the ClusterRole and of the Role in the operator's own namespace, for the chart's templates."""
    own = rules(right for right in RIGHTS if right.own_namespace)
    cluster = rules(right for right in RIGHTS if not right.own_namespace)
    return json.dumps({"cluster": cluster, "own": own}, indent=2) + "\n"


def rbac_yaml(namespace: str, account: str) -> str:
    """ClusterRole, Role and their bindings as one stream of documents."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    return "---\n".join(crds.as_yaml(manifest) for manifest in manifests(namespace=namespace, subject=subject))
