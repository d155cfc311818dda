"""Where the reading of a folder stands: the cursor of a mailbox. Pure.

UIDs only grow within one UIDVALIDITY of one folder (RFC 9051 2.3.1.1), so "above the last" can miss nothing, whoever reads,
flags, moves or deletes beside us. In another folder, or with another UIDVALIDITY, all numbers mean something else and it is
read from the start; what we have already is recognised by its content. The two together are called the numbering.

`until` is where the folder ended when the reading began: up to there an account may leave old mail alone, above it
everything counts, old mail that somebody moves in included.
"""

from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Stored(BaseModel):
    model_config = ConfigDict(strict=True)

    numbering: str
    uid: int = Field(ge=0)
    until: int = Field(0, ge=0)


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to and including `uid` has been read."""

    numbering: str
    uid: int
    until: int

    @classmethod
    def of(cls, cursor: str | None, numbering: str, last_uid: int) -> Self:
        """Where to go on. A cursor of another numbering, or one that cannot be read, starts again."""
        try:
            stored = _Stored.model_validate_json(cursor or "")
        except ValidationError:
            return cls(numbering, 0, last_uid)
        if stored.numbering != numbering:
            return cls(numbering, 0, last_uid)
        return cls(numbering, stored.uid, stored.until)

    def after(self, uid: int) -> Self:
        """The position once `uid` has been read."""
        return type(self)(self.numbering, max(uid, self.uid), self.until)

    @property
    def cursor(self) -> str:
        """What to store with the page."""
        return _Stored(numbering=self.numbering, uid=self.uid, until=self.until).model_dump_json()
