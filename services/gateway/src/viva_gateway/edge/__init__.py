"""What happens around every request, whatever its route: identity, limits, idempotency, problems, headers."""
