"""What happens between a peer and the bus: rooms, answers, and the scribe that turns sound into words."""
