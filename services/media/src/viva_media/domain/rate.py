"""How often something may be done: a bucket that fills with time."""

from dataclasses import dataclass


@dataclass
class Bucket:
    """`size` at once, then one every `refill` seconds."""

    size: float
    refill: float
    level: float = -1.0
    at: float = 0.0

    def take(self, now: float) -> float:
        """Take one: 0.0 when there was one, else the seconds until there is."""
        if self.level < 0:
            self.level, self.at = self.size, now
        self.level = min(self.size, self.level + max(now - self.at, 0.0) / self.refill)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0.0
        return (1.0 - self.level) * self.refill
