"""Keeps readiness in step with the engine. An engine that is away is no reason to end: vLLM may be restarting."""

import asyncio
import contextlib

from viva_core.errors import Transient
from viva_core.health import Health
from viva_core.models.port import TextModel

_SECONDS = 5.0


class ModelWatch:
    """Tells health, as the part "model", whether the engine can serve."""

    def __init__(self, model: TextModel, health: Health) -> None:
        self._model = model
        self._health = health

    async def first(self) -> None:
        """Look once, so that readiness is known from the start."""
        try:
            await self._model.check()
        except Transient as error:
            self._health.set("model", False, error.message)
        else:
            self._health.set("model", True)

    async def run(self) -> None:
        """Look again and again."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(_SECONDS)
                await self.first()
