"""Who is signed in, who tried, and which programs may call: sessions, sign-in attempts and API tokens."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Session(Created, Base):
    """`id` is the sha256 of the cookie's value: a stolen database opens no session."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttempt(Numbered, Created, Base):
    """A failed sign-in. `key` is a keyed hash of the account tried, or of the address it came from."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_key", "key", "created_at"),)

    key: Mapped[str]


class ApiToken(Numbered, Created, Base):
    """`hash` is the sha256 of the token. Acts as `agent_id`, or for one `site_id` (a site's own server)."""

    __tablename__ = "api_token"

    hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
