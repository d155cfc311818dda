"""Sites: websites whose forms feed us."""

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Site(Numbered, Created, Base):
    """`key` stands in the form's address; `origins` may post from a browser (CORS). One comments account per site."""

    __tablename__ = "site"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    moderated: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class SitePage(Numbered, Created, Base):
    """A page of a site that people react on, by the site's own id (addresses change)."""

    __tablename__ = "site_page"
    __table_args__ = (UniqueConstraint("site_id", "key"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    key: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    closed: Mapped[bool] = mapped_column(default=False)
