"""The plan, pure: what should be, of what is. No I/O, no framework, no clock of its own."""
