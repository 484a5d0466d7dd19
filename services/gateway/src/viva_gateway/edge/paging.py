"""Cursor pages: `limit` and `cursor` in, `next_cursor` and a Link header out."""

from typing import Annotated

from fastapi import Query, Request, Response

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most")]
Cursor = Annotated[
    str, Query(max_length=500, pattern=r"^[\x21-\x7e]*$", description="`next_cursor` of the page before")
]


def link_next(request: Request, response: Response, cursor: str) -> str | None:
    """Set the Link header for the next page; the cursor, or None at the end."""
    if not cursor:
        return None
    url = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return cursor
