"""The chart's README: what it needs, and every value."""

import json
from pathlib import Path

from charts.generator.documented import documented

_HEAD = """\
# viva

Brings up Viva in one namespace: session, question_gen, evaluator, media, vision and gateway; with a nats-server, a
PostgreSQL and a coturn of its own for a trial, or with yours. [docs/install.md](../../docs/install.md) goes through it;
[UPGRADING.md](../../UPGRADING.md) tells what changes.

This file is written by `python -m charts.generator`.

    k8s/secrets.sh viva | kubectl -n viva apply -f -
    helm -n viva install viva charts/viva --set turn.externalIp=203.0.113.7

## What to know

- **Images** of Viva are not published: `make images` builds them, `global.imageRegistry` says where you pushed them.
- **Secrets** are yours: the chart names one (`secrets.existingSecret`) and mounts into each pod the keys that it needs.
- **media is one pod.** A call, and the sound that waits to become words, belong to the process that took them.
- **Connections inside the cluster are not encrypted by Viva**: NATS and PostgreSQL take TLS through their URLs, gRPC
  between services has none. Where that is not enough, a mesh or an encrypting CNI does it.
- **Pods** run as *restricted* Pod Security asks, without a service account's token, on a read-only root.
- **NetworkPolicies** deny what `viva_core/network.py` does not name; whether they are enforced is your CNI's affair.

## Values

| value | default | what it is |
| --- | --- | --- |
"""

_TAIL = """
Every component also takes `podLabels`, `podAnnotations`, `nodeSelector`, `tolerations`, `affinity`, `priorityClassName`
and `maxUnavailable` in place of the `defaults`; every `image` also takes `registry`, `tag`, `digest` and `pullPolicy`.
What a service's `settings` may hold is in [values.schema.json](values.schema.json), with types and limits.
"""


def readme(chart: Path) -> str:
    """The README's text."""
    rows = []
    for value in documented(chart / "values.yaml"):
        if value.leaf or value.path[-1] == "resources":
            default = json.dumps(value.default, ensure_ascii=False)
            rows.append(f"| `{'.'.join(value.path)}` | `{default}` | {value.description} |")
    return _HEAD + "\n".join(rows) + "\n" + _TAIL
