"""The website behind an account that takes comments: its name, the addresses of its pages, and the key in its form's address."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.errors import Fault, Invalid
from app.identity import audit
from app.identity.principal import Principal
from app.models import Site
from app.unguessable import unguessable

KIND = "comments.form"
MOST_ORIGINS = 50
ORIGIN = "Give each website as https://www.example.nl, without a path, one on each line."


@dataclass(frozen=True, slots=True)
class Website:
    """What an administrator decides. Browsers may post from `origins` (scheme, host and port); `moderated`: comments wait."""

    name: str
    origins: Sequence[str] = ()
    moderated: bool = False
    active: bool = True


def read(session: Session, account_id: int) -> tuple[str, Website] | None:
    """The key and the website of an account; None where it has none yet."""
    columns = (Site.key, Site.name, Site.origins, Site.moderated, Site.active)
    row = session.execute(select(*columns).where(Site.account_id == account_id)).one_or_none()
    return (row.key, Website(row.name, tuple(row.origins), row.moderated, row.active)) if row else None


def store(session: Session, by: Principal, account_id: int, website: Website) -> None:
    """Make the account's website, or change it; its key stays. Raises `Invalid` with every fault."""
    _check(website)
    values = {
        "name": website.name.strip(), "origins": list(website.origins), "moderated": website.moderated,
        "active": website.active,
    }  # fmt: skip
    known = session.scalar(update(Site).where(Site.account_id == account_id).values(values).returning(Site.id))
    if known is not None:
        audit.record(session, "site.changed", by=by, on=("site", known))
        return
    fresh = insert(Site).values(**values, account_id=account_id, key=unguessable())
    made = session.scalar(fresh.returning(Site.id))
    audit.record(session, "site.created", by=by, on=("site", made))


def is_origin(given: str) -> bool:
    """Whether it is a scheme, a host and perhaps a port, as browsers send it, and nothing that means more in a header."""
    try:
        parts = urlsplit(given)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    rebuilt = f"{parts.scheme}://{parts.netloc}"
    return parts.scheme in ("https", "http") and bool(host) and given == rebuilt and not set(given) & set(" ;,'\"*@")


def _check(website: Website) -> None:
    faults = []
    if not 0 < len(website.name.strip()) <= 200:
        faults.append(Fault("name", "empty", "Fill this in."))
    if not all(is_origin(origin) for origin in website.origins):
        faults.append(Fault("origins", "origin", ORIGIN))
    if len(website.origins) > MOST_ORIGINS:
        faults.append(Fault("origins", "too_many", "At most 50 addresses."))
    if faults:
        raise Invalid("site", "Correct these fields.", faults)
