"""What the session needs from outside: PostgreSQL, protobuf, résumé files."""
