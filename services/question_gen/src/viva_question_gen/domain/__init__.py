"""What a good question is, as pure code."""
