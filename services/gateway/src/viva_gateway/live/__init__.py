"""The live WebSocket: questions as they are written, and an interview's changes as they happen.

`socket` is the endpoint, `hub` shares one NATS subscription among the sockets of an interview, `outbox` is what waits
for one socket, `watch` follows an interview's changes, `messages` is what goes over the wire.
"""
