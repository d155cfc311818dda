"""An account whose settings cannot be opened: whoever sends is told to keep what they have and to come back."""

from cryptography.fernet import Fernet
from sqlalchemy import func, select, update

from app.models import Account, RawItem
from tests.public.conftest import PAGE, SITE, Town
from tests.public.polling import Voter, makes


def loses_its_key(town: Town, account: int) -> str:
    """The account is sealed with a key that nobody has; its part of the address for pushes."""
    with town.database.unit_of_work() as session:
        values = {"settings": Fernet(Fernet.generate_key()).encrypt(b"{}"), "version": Account.version + 1}
        changed = update(Account).where(Account.id == account).values(values)
        return str(session.execute(changed.returning(Account.public_key)).scalar_one())


def test_a_comment_and_a_push_are_kept_by_who_sends_them(town: Town) -> None:
    fields, key = town.fields(), loses_its_key(town, town.account)
    client = town.client()
    tries = [
        client.post(f"/sites/{SITE}/comments", json=fields),
        client.get(f"/sites/{SITE}/form", params={"page": PAGE}),
        client.post(f"/hooks/{key}", content=b"{}"),
    ]
    for answer in tries:
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"] == "60"
        assert "WEERKLANK_SECRET_KEYS" not in answer.text
    with town.database.read_only() as session:
        assert session.scalar(select(func.count()).select_from(RawItem)) == 0


def test_the_comments_that_are_there_are_read_on(town: Town) -> None:
    town.comments()
    loses_its_key(town, town.account)
    assert len(town.published()["comments"]) == 1


def test_a_voter_hears_that_we_are_out_of_order(town: Town) -> None:
    park = makes(town)
    voter = Voter(town, park)
    voter.opens()
    loses_its_key(town, park.account_id)
    answer = voter.client.post(f"{voter.path}?lang=nl", data={"id": "0" * 24, "answer-q1": "o1"})
    assert answer.status_code == 503
    assert "Er is niets verloren." in answer.text
