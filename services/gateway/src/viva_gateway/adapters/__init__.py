"""The database, passwords, tokens, the identity provider, and the services behind the gateway."""
