"""What the gateway decides without touching anything: who may call what, what an error means, what a text shows."""
