"""The outside world: WebRTC, engines, the spool, the bus."""
