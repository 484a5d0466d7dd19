"""A real Prometheus scrapes the running stack: every metric that a board or an alert names is there, and every
expression is one that it evaluates. (The operator's are asked for in tests/cluster.)"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from viva_testkit.bus import eventually
from viva_testkit.nats import free_port
from viva_testkit.stack import LocalStack

from charts.generator.dashboards import BOARDS

SERVICES = ("session", "question-gen", "evaluator", "media", "vision", "gateway")
ALERTS = Path(__file__).parents[2] / "charts/viva/files/alerts"
WAIT = 120.0


def expressions() -> list[str]:
    """Of boards and alerts, as Grafana and Prometheus send them."""
    boards = [
        query for rows in BOARDS.values() for _, panels in rows for panel in panels for query in panel.queries.values()
    ]
    rules = [str(yaml.safe_load(file.read_text())["expr"]) for file in sorted(ALERTS.glob("*.yaml"))]
    return [each.replace("$__rate_interval", "1m") for each in boards + rules]


def family(name: str) -> str:
    """A metric's name without what its type adds."""
    return re.sub(r"_(total|bucket|sum|count)$", "", name)


class Prometheus:
    """Asks one."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def ask(self, path: str, **params: str) -> Any:
        """The data of an answer; raises AssertionError with its words where it is an error."""
        answer = (await self._http.get(f"/api/v1/{path}", params=params)).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    async def up(self) -> set[str]:
        """The jobs that were scraped."""
        try:
            found = (await self.ask("query", query="up == 1"))["result"]
        except (httpx2.HTTPError, ValueError):  # it starts
            return set()
        return {each["metric"]["job"] for each in found}


@pytest.fixture
async def prometheus(stack: LocalStack, tmp_path: Path) -> AsyncIterator[Prometheus]:
    """Debian's, with a job for each service; it has scraped all of them."""
    binary = shutil.which("prometheus")
    assert binary is not None, "prometheus is a package of Debian's: run `make test-packages`"
    ports = {name: stack.process(name).environ()["VIVA_METRICS_PORT"] for name in SERVICES}
    jobs = [{"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for name, port in ports.items()]
    config = tmp_path / "prometheus.yaml"
    config.write_text(yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}))
    port = free_port()
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (tmp_path / "prometheus.log").open("wb") as sink:
        process = await asyncio.create_subprocess_exec(*command, stdout=sink, stderr=sink)
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http:
            asked = Prometheus(http)

            async def scraped() -> bool:
                assert process.returncode is None, (tmp_path / "prometheus.log").read_text()[-2000:]
                return await asked.up() == set(SERVICES)

            await eventually(scraped, within=WAIT)
            yield asked
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_every_metric_of_boards_and_alerts_is_scraped_and_every_expression_is_evaluated(
    prometheus: Prometheus,
) -> None:
    asked = expressions()
    named = {family(name) for expression in asked for name in re.findall(r"viva_[a-z0-9_]+", expression)}
    wanted = {name for name in named if not name.startswith("viva_operator_")}
    assert wanted

    async def there() -> set[str]:
        return {family(name) for name in await prometheus.ask("metadata")}

    async def whole() -> bool:
        return wanted <= await there()

    await eventually(whole, within=WAIT)
    for expression in asked:
        await prometheus.ask("query", query=expression)
