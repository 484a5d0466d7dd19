"""What every Viva service shares: bus, gRPC, database, settings, telemetry, text models."""
