"""The ledger: for every account, what was ever seen against what became of it."""

from fastapi import APIRouter, Request

from app.api.asked import AccountsRead, AccountsWrite, Number, administrator
from app.api.reactions import means_of
from app.intake import compare, ledger
from app.vocabulary import RawState
from app.web.strict import Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/ledger", tags=["ledger"])


class LedgerAccount(Told):
    """`difference` is what was seen and is nowhere; `gap` what the other side holds and is unknown here. Both should be 0."""

    account_id: int
    name: str
    kind: str
    active: bool
    seen: int
    repeated: int
    unauthentic: int
    behind: int | None
    problem: str
    counts: dict[RawState, int]
    oldest_new: float
    accounted: int
    difference: int
    gap: int
    alarm: bool


class Comparison(Told):
    """What the other side held, and how much of it was unknown here."""

    held: int
    unknown: int
    samples: list[str]


@router.get("")
def read_ledger(session: Transaction, me: AccountsRead) -> list[LedgerAccount]:
    """Every account, by id."""
    return [LedgerAccount.model_validate(account) for account in ledger.read(session)]


@router.post("/{account}/compare")
def compare_with_service(account: Number, request: Request, session: Transaction, me: AccountsWrite) -> Comparison:
    """Compare with what the service holds now, which may take minutes."""
    administrator(me)
    session.rollback()  # the token was looked up in it, and one that stands open so long is ended by the database
    return Comparison.model_validate(compare.compare(means_of(request), account))
