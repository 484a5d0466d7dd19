"""The whole stack on one machine: viva up, viva demo, viva models."""
