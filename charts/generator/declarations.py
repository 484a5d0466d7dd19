"""What the templates read of viva_core: who may do what on the bus, and who connects to whom."""

from dataclasses import asdict
from typing import Any

from viva_core.bus.permissions import permissions
from viva_core.bus.topology import Role
from viva_core.models.catalogue import catalogue
from viva_core.network import EDGES, PORTS


def bus() -> dict[str, Any]:
    """Each NATS user's rights: what it may publish and hear, and what it may never publish although that allows it."""
    rights = {role.value: permissions(role) for role in Role}
    return {
        "roles": {
            role: {"publish": list(each.publish), "never": list(each.never), "subscribe": list(each.subscribe)}
            for role, each in rights.items()
        }
    }


def network() -> dict[str, Any]:
    """The table of edges, and the ports by name."""
    ports = {
        name: {key: value for key, value in asdict(port).items() if value is not None} for name, port in PORTS.items()
    }
    return {"ports": ports, "edges": [asdict(edge) for edge in EDGES]}


def models() -> dict[str, Any]:
    """What the templates refuse by: which models have a file and a hash, and which licences limit their use."""
    return {
        model.id: {
            "file": model.file is not None,
            "sha256": bool(model.sha256),
            "licence": model.licence.id,
            "limitsUse": model.licence.limits_use,
        }
        for model in catalogue()
    }
