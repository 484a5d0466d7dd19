"""The peer of the gateway: FastAPI on uvicorn with nothing but a JSON route and an echo WebSocket.

`python -m tests.bench.gateway_bare PORT`: until SIGTERM. uvicorn is set as the gateway sets it.
"""

import asyncio
import sys

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from tests.bench import processes

app = FastAPI()


@app.get("/ping")
async def ping() -> dict[str, str]:
    """The least that an API can do."""
    return {"status": "ok"}


@app.websocket("/ws")
async def echo(websocket: WebSocket) -> None:
    """Say what was said."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


class _Server(uvicorn.Server):
    async def startup(self, sockets: "list[object] | None" = None) -> None:  # type: ignore[override]  # always None
        await super().startup(None)
        processes.say_ready()


def main(port: int) -> None:
    """Serve."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )
    asyncio.run(_Server(config).serve())


if __name__ == "__main__":
    main(int(sys.argv[1]))
