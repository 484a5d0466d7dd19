"""What a frame shows, and who may look: no I/O."""
