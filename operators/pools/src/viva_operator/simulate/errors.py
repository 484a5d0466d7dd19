"""What can be wrong with what the simulator is given."""


class BadTrace(Exception):
    """The trace cannot be used; the message names the entry and the field."""
