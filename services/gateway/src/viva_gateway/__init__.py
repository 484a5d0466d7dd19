"""REST and WebSocket for browsers and platform clients."""
