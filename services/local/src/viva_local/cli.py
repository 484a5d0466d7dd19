"""The command `viva`."""

import typer

from viva_local.commands import bus, demo, models, pools, replay, up

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Viva on one machine: job interviews whose scores come with the quotes that justify them.",
)
app.command("up")(up.up)
app.command("down")(up.down)
app.command("reset")(up.reset)
app.command("status")(up.status)
app.command("demo")(demo.demo)
app.command("replay")(replay.replay)
app.add_typer(models.app, name="models")
app.add_typer(bus.streams, name="streams")
app.add_typer(bus.dead, name="dead")
app.add_typer(pools.pools, name="pools")


def main() -> None:
    """The console script."""
    app()
