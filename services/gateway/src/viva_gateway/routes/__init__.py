"""The REST edge, one module a topic. Each function's name is its operation in `domain.access.ACCESS`."""
