"""Idempotency-Key: a call that creates something may be sent again without creating it twice.

The key's row is written in the transaction of the call itself: either both are there or neither. A second call with the
same key waits for the first (the unique index sees to that) and then gets the first one's answer, byte for byte. A call that
failed leaves no key: it may be corrected and sent again.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.errors import Fault, Invalid
from app.identity.principal import Principal
from app.models import IdempotencyKey
from app.web.transaction import Transaction

KEPT = timedelta(days=2)
LONGEST = 200

_MINE = (
    insert(IdempotencyKey)
    .values(caller=bindparam("caller"), key=bindparam("key"), digest=bindparam("digest"))
    .on_conflict_do_nothing()
    .returning(IdempotencyKey.key)
)


@dataclass(frozen=True, slots=True)
class Made:
    """What a call that creates something answers."""

    document: BaseModel
    location: str = ""
    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The HTTP answer."""
        location = {"Location": self.location} if self.location else {}
        body = self.document.model_dump_json(by_alias=True).encode()
        return Response(body, self.status, {**location, **self.headers}, "application/json")


class Once:
    """`once(me, body, make)` calls `make` unless this caller's key was seen before, and gives the answer."""

    def __init__(
        self,
        request: Request,
        session: Transaction,
        idempotency_key: Annotated[
            str | None, Header(description="Sent again with the same key and body, the call has no second effect.")
        ] = None,
    ) -> None:
        self._address = f"{request.method} {request.url.path}"
        self._session, self._key = session, idempotency_key

    def __call__(self, me: Principal, body: BaseModel | None, make: Callable[[], Made]) -> Response:
        """The answer, made now or the first time. Raises `Invalid` for a key that was used for something else."""
        if self._key is None:
            return make().response()
        _check(self._key)
        sent = body.model_dump_json() if body else ""
        digest = hashlib.sha256(f"{self._address}\n{sent}".encode()).hexdigest()
        row = {"caller": f"token:{me.token_id}", "key": self._key, "digest": digest}
        if self._session.scalar(_MINE, row) is None:
            return _again(_found(self._session, row), digest)
        response = make().response()
        _keep(self._session, row, response)
        return response


def prune(session: Session) -> None:
    """Remove keys that nobody will send again."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < func.now() - KEPT))


def _check(key: str) -> None:
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        fix = f"Send a key of 1 to {LONGEST} printable characters, such as a UUID."
        raise Invalid("idempotency_key", fix, [Fault("Idempotency-Key", "length", fix)])


def _found(session: Session, row: Mapping[str, str]) -> Row[Any]:
    columns = (IdempotencyKey.digest, IdempotencyKey.status, IdempotencyKey.headers, IdempotencyKey.body)
    same = (IdempotencyKey.caller == row["caller"], IdempotencyKey.key == row["key"])
    return session.execute(select(*columns).where(*same)).one()


def _again(row: Row[Any], digest: str) -> Response:
    if row.digest != digest:
        fix = "Use a new Idempotency-Key: this one was sent with another call."
        raise Invalid("idempotency_key_reused", fix, [Fault("Idempotency-Key", "reused", fix)])
    return Response(row.body, row.status, dict(row.headers), "application/json")


def _keep(session: Session, row: Mapping[str, str], response: Response) -> None:
    headers = [[name, value] for name, value in response.headers.items() if name in ("location", "etag")]
    same = (IdempotencyKey.caller == row["caller"], IdempotencyKey.key == row["key"])
    told = {"status": response.status_code, "headers": headers, "body": bytes(response.body)}
    session.execute(update(IdempotencyKey).where(*same).values(told))


OnceOnly = Annotated[Once, Depends()]
