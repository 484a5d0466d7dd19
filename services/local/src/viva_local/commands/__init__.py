"""The subcommands of `viva`, one module a topic."""
