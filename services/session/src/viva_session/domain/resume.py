"""A résumé as the interview uses it: passages with names."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Excerpt:
    """A passage in the candidate's words; `excerpt_id` is r1, r2, …"""

    excerpt_id: str
    section: str
    text: str


@dataclass(frozen=True)
class Resume:
    """What was sent, as text. `pages` is 0 where the format has none."""

    file_name: str
    media_type: str
    pages: int
    excerpts: tuple[Excerpt, ...]
    uploaded_at: datetime
