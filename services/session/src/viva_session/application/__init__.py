"""What the session can do: each use case is one transaction around the domain's decision."""
