"""The site behind an address, what it wants for one of its pages, and the channel that takes its comments."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.directory import AccountRow, read_row
from app.channels.contract import Channel
from app.errors import Conflict, NotFound
from app.models import Account, Organisation, Site, SitePage
from app.public.opened import opened
from app.web.i18n import _
from app.web.state import State


@dataclass(frozen=True, slots=True)
class Place:
    """A site and one page of it. `page_title` and `page_url` are known once the site has told them; `closed` takes no more.

    `mailed`: who leaves an address is answered by mail too.
    """

    id: int
    account_id: int
    key: str
    name: str
    origins: tuple[str, ...]
    moderated: bool
    organisation: str
    page: str
    page_title: str
    page_url: str
    closed: bool
    mailed: bool

    def ours(self, url: str) -> bool:
        """Whether an address lies on this site, so that a link to it cannot lead anywhere else."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" in self.origins

    def must_be_open(self) -> None:
        """Raises `Conflict` when this page takes no more comments."""
        if self.closed:
            raise Conflict("closed", _("Comments on this page are closed. Contact the organisation in another way."))


@runtime_checkable
class HandsOutForms(Protocol):
    """A channel whose items come from a form of ours."""

    @property
    def moderated(self) -> bool:
        """Whether comments wait for approval before they are published."""
        ...

    def stamp(self, page_key: str) -> str:
        """A stamp for a form handed out now."""
        ...


_FIND = (
    select(
        Site.id, Site.account_id, Site.key, Site.name, Site.origins, Site.moderated, Organisation.name.label("organisation"),
        SitePage.key, SitePage.title, SitePage.url, SitePage.closed, Account.mail_account_id,
    )
    .join(Account, Account.id == Site.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(SitePage, and_(SitePage.site_id == Site.id, SitePage.key == bindparam("page")))
    .where(Site.key == bindparam("key"), Site.active, Account.active)
)  # fmt: skip


def find(session: Session, key: str, page: str = "") -> Place:
    """The active site with this key. Raises `NotFound`."""
    row = session.execute(_FIND, {"key": key, "page": page}).one_or_none()
    if row is None:
        raise NotFound("site", _("There is no such site here. Check the key in the address."))
    id_, account_id, key, name, origins, moderated, organisation, _page, title, url, closed, mailbox = row
    return Place(
        id_,
        account_id,
        key,
        name,
        tuple(origins),
        moderated,
        organisation,
        page,
        title or "",
        url or "",
        bool(closed),
        mailbox is not None,
    )


def account_of(session: Session, place: Place) -> AccountRow:
    """The account that this site's comments come in by."""
    return read_row(session, place.account_id)


def channel_of(state: State, account: AccountRow) -> Channel:
    """Its channel. Raises `NotFound` when it takes no forms, and as `opened` does."""
    channel = opened(state, account)
    if not isinstance(channel, HandsOutForms):
        raise NotFound("form", _("There is no form here."))
    return channel


def moderated(place: Place, channel: Channel) -> bool:
    """Whether a comment here waits for approval."""
    return place.moderated or (isinstance(channel, HandsOutForms) and channel.moderated)
