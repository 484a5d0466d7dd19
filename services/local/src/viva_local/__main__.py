"""`python -m viva_local` is `viva`."""

from viva_local.cli import main

main()
