"""The ledger against the other side: every key that the service holds must be known here.

The inventory is taken first and the account read after it: what came in while we looked is then known, and what remains
unknown is a gap. It is stored with the account, with the time and some of its keys, and shown until a comparison finds
none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pydantic_core import to_json
from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import log
from app.channels.contract import ChannelError, Lists, Pulls
from app.errors import DomainError, Invalid
from app.intake.means import Means
from app.intake.read_account import read_account
from app.intake.stow import key_of

SAMPLES = 20
_CHUNK = 5_000

_UNKNOWN = text("""
    SELECT k.key FROM unnest(:keys) AS k (key)
    WHERE NOT EXISTS (SELECT 1 FROM raw_item r WHERE r.account_id = :account_id AND r.key = k.key)
""").bindparams(bindparam("keys", type_=ARRAY(Text)))
# One reading of the account's items, hashed: no index knows how keys begin.
_UNKNOWN_BEGINNINGS = text("""
    SELECT k.key FROM unnest(:keys) AS k (key)
    WHERE k.key NOT IN (
        SELECT left(r.key, length(r.key) + 1 - strpos(reverse(r.key), ':')) FROM raw_item r WHERE r.account_id = :account_id)
""").bindparams(bindparam("keys", type_=ARRAY(Text)))
_STORE = text("""
    INSERT INTO account_state AS s (account_id, inventory)
    VALUES (:account_id, CAST(:found AS jsonb) || jsonb_build_object('at', now()))
    ON CONFLICT (account_id) DO UPDATE SET inventory = excluded.inventory || CASE
        WHEN (excluded.inventory ->> 'unknown')::bigint = 0 THEN '{}'::jsonb
        ELSE jsonb_build_object('since', coalesce(s.inventory -> 'since', to_jsonb(now()))) END
""")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the other side held (`held`), and what of it was unknown here, with some of the keys."""

    held: int
    unknown: int
    samples: Sequence[str] = ()


def compare(means: Means, account_id: int) -> Compared:
    """Compare, store the result, and raise the alarm in the log.

    Raises `Unreachable`, and `Invalid` for an account that cannot tell what it holds. No transaction is open meanwhile.
    """
    channel = means.accounts.channel(account_id)
    if not isinstance(channel, Lists):
        raise Invalid("no_inventory", "Choose an account whose service can list what it holds, such as a mailbox.")
    held, missing = 0, []
    for keys in _chunks(channel.inventory()):
        held += len(keys)
        missing += _unknown(means, account_id, keys)
    if missing and isinstance(channel, Pulls):
        read_account(means, account_id)
        missing = [key for chunk in _chunks(iter(missing)) for key in _unknown(means, account_id, chunk)]
    compared = Compared(held, len(missing), missing[:SAMPLES])
    with means.database.unit_of_work() as session:
        _keep(session, account_id, compared)
    return compared


def compare_all(means: Means) -> dict[int, Compared | str]:
    """Every active account that can list what it holds, by id; the reason for one that cannot be reached now."""
    found: dict[int, Compared | str] = {}
    for account in means.accounts.active():
        if account.kind in means.accounts.kinds and "Lists" in means.accounts.capabilities(account.kind):
            found[account.id] = _compared(means, account.id)
    return found


def _compared(means: Means, account_id: int) -> Compared | str:
    """One account's fault, whatever it is, keeps no other from being compared."""
    try:
        return compare(means, account_id)
    except (DBAPIError, PoolTimeout):
        raise
    except ChannelError as error:
        return error.detail
    except DomainError as error:
        return error.fix
    except Exception as error:  # noqa: BLE001
        log.trouble("ledger.not_compared", account=account_id, error=error)
        return type(error).__name__


def _keep(session: Session, account_id: int, compared: Compared) -> None:
    if compared.unknown:
        log.trouble("ledger.gap", account=account_id, held=compared.held, unknown=compared.unknown)
    found = {"held": compared.held, "unknown": compared.unknown, "samples": list(compared.samples)}
    session.execute(_STORE, {"account_id": account_id, "found": to_json(found).decode()})


def _unknown(means: Means, account_id: int, keys: Sequence[str]) -> list[str]:
    with means.database.read_only() as session:
        exact = {"account_id": account_id, "keys": [key_of(key) for key in keys if not key.endswith(":")]}
        unknown = list(session.execute(_UNKNOWN, exact).scalars())
        if beginnings := [key for key in keys if key.endswith(":")]:
            unknown += session.execute(_UNKNOWN_BEGINNINGS, {"account_id": account_id, "keys": beginnings}).scalars()
        return unknown


def _chunks(keys: Iterator[str]) -> Iterator[Sequence[str]]:
    while chunk := list(islice(keys, _CHUNK)):
        yield chunk
