"""`viva replay`: score a finished interview again, with another model, prompt or rubric, and see what differs."""

import asyncio
import json
from typing import Annotated

import typer
from rich.table import Table
from viva_core.errors import Refused

from viva_local.demo.client import ApiClient, Json
from viva_local.home import Home
from viva_local.terminal import plain_errors, screen


def replay(
    interview_id: Annotated[str, typer.Argument(help="A finished interview.")],
    model: Annotated[str, typer.Option(help="Another model of the catalogue.")] = "",
    prompt_version: Annotated[int, typer.Option(min=0, help="Another version of the prompt; 0: the newest.")] = 0,
    rubric: Annotated[str | None, typer.Option(help="Another rubric, for every answer.")] = None,
    rubric_version: Annotated[int, typer.Option(min=0, help="Its version; 0: the newest.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer on stdout.")] = False,
) -> None:
    """Score again; the original scores stay as they are."""
    body: Json = {"model_id": model, "prompt_version": prompt_version, "rubric_version": rubric_version}
    if rubric is not None:
        body["rubric_id"] = rubric

    async def run() -> Json:
        home = Home.from_environment()
        stack = home.running()
        if stack is None:
            raise Refused("no stack runs on this machine: start it with `viva up`")
        client = ApiClient(stack.gateway_url)
        try:
            await client.sign_in(stack.admin_email, home.secret("admin-password").read_text())
            return await client.post(f"/interviews/{interview_id}/evaluations/replay", body)
        finally:
            await client.aclose()

    with plain_errors():
        found = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table(title="What came out otherwise")
    for heading in ("turn", "criterion", "before", "after"):
        table.add_column(heading)
    for answer in found["answers"]:
        for difference in answer["differences"]:
            row = (answer["turn_id"], difference["criterion_id"], difference["before"], difference["after"])
            table.add_row(*("unscored" if cell is None else str(cell) for cell in row))
    screen.print(table if table.row_count else "every score came out as it was")
