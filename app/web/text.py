"""What comes in as text is made storable at the edge: PostgreSQL takes no NUL, UTF-8 no half of a surrogate pair.

Both become U+FFFD, so that a reader sees that something was there.
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from starlette.types import ASGIApp, Receive, Scope, Send

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(value: Any) -> Any:
    """The same value with its strings made storable, however deep they lie in lists and objects."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("�", value) if _UNSTORABLE.search(value) else value
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


Text = Annotated[str, BeforeValidator(clean)]  # for Form() and Query() parameters


class CleanAddress:
    """Does the same to the path and the query, before anything reads them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            scope["path"] = clean(scope["path"])
            if b"%00" in scope["query_string"]:
                scope["query_string"] = scope["query_string"].replace(b"%00", b"%EF%BF%BD")
        await self.app(scope, receive, send)
