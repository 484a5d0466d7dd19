"""Pictures, detectors, models, and the ledger on the bus."""
