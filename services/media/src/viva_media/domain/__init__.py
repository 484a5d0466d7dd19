"""What media decides: turns, what is final, how good the line is. No I/O and no framework."""
