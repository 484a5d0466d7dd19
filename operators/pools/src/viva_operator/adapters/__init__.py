"""The operator's neighbours: the API server, the bus, the session service."""
