"""Real servers and small fakes for Viva's tests."""
