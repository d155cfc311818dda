"""A delivery's way out: once, in order, and never a second time on a guess."""

from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import event, insert, text

from app.accounts.directory import Accounts
from app.channels.contract import Channel, Refused, Unreachable
from app.delivery.claim import begin, claim, next_due
from app.delivery.deliver import deliver_waiting
from app.models import Attachment
from app.storage.blobs import FolderBlobs
from app.storage.database import Database
from app.tickets.tokens import claims, valid
from app.vocabulary import DeliveryState, Visibility
from tests.delivery.conftest import PRICE, Office, Post


class Broken(Accounts):
    """Accounts whose channel, by a fault of ours, cannot be built."""

    def __init__(self, real: Accounts) -> None:
        self.__dict__.update(vars(real))
        self.broken = True

    def channel(self, account_id: int) -> Channel:
        if self.broken:
            raise RuntimeError("a fault")
        return super().channel(account_id)


def test_an_answer_goes_out_once_and_carries_what_brings_the_answer_home(office: Office, post: Post) -> None:
    delivery = office.answer()
    assert office.deliver() == 1
    assert office.deliver() == 0
    (message,) = post.sent
    assert message.recipient is not None
    assert message.recipient.address == "een@bewoner.example"
    assert message.thread.parent_id.startswith("<vraag-")
    claim = claims(message.reply_token)
    assert claim is not None
    assert valid(office.keys, claim, 1)
    row = office.row(delivery)
    assert (row.state, row.external_id) == (DeliveryState.SENT, f"<{row.key}@voorbeeldstad.example>")
    assert office.events() == ["delivery_sent"]


def test_what_sending_cost_is_counted_with_the_account_once_it_went_out(office: Office, post: Post) -> None:
    def spent() -> float:
        with office.database.read_only() as session:
            return float(session.execute(text("SELECT sum(spent) FROM account_state")).scalar_one())

    post.fails = [Unreachable("bezet", retry_after=60)]
    office.answer()
    office.deliver()
    assert spent() == 0
    office.pass_time(61)
    office.deliver()
    assert spent() == PRICE


def test_an_answer_waits_for_its_undo_window(office: Office, post: Post) -> None:
    office.answer(wait=60)
    assert office.deliver() == 0
    with office.database.read_only() as session:
        assert 50 < (next_due(session) or 0) <= 60
    office.pass_time(61)
    assert office.deliver() == 1
    assert len(post.sent) == 1


def test_answers_of_one_ticket_go_in_order_and_hold_up_no_other(office: Office, post: Post) -> None:
    with office.database.unit_of_work() as session:
        ticket = office.ticket(session)
    post.fails = [Unreachable("bezet", retry_after=600, whole_account=False)]
    first = office.answer(ticket, said="eerste")
    second = office.answer(ticket, said="tweede")
    other = office.answer(said="andere")
    office.deliver()
    assert office.state(first) is DeliveryState.FAILED
    assert office.state(second) is DeliveryState.WAITING
    assert office.state(other) is DeliveryState.SENT
    office.pass_time(601)
    office.deliver()
    assert [m.text.split("\n")[0] for m in post.sent] == ["andere", "eerste", "tweede"]


def test_an_account_that_cannot_send_makes_its_other_answers_wait_along(office: Office, post: Post) -> None:
    post.fails = [Unreachable("te veel", retry_after=300)]
    office.answer()
    office.answer()
    assert office.deliver() == 1
    assert post.sent == []
    office.pass_time(301)
    assert office.deliver() == 2


def test_a_refusal_is_final_and_says_why(office: Office, post: Post) -> None:
    post.fails = [Refused("Onbekende ontvanger", code="550 5.1.1")]
    delivery = office.answer()
    office.deliver()
    office.pass_time()
    assert office.deliver() == 0
    row = office.row(delivery)
    assert (row.state, row.problem, row.code) == (DeliveryState.REFUSED, "Onbekende ontvanger", "550 5.1.1")
    assert office.events() == ["delivery_refused"]


def test_after_many_tries_a_person_is_asked(office: Office, post: Post) -> None:
    post.fails = [Unreachable("weg") for _ in range(40)]
    delivery = office.answer()
    for _ in range(40):
        office.deliver()
        office.pass_time()
    row = office.row(delivery)
    assert (row.state, row.code, row.tries) == (DeliveryState.REFUSED, "gave_up", 30)


def _once(office: Office) -> None:
    deliver_waiting(office.database, office.accounts, office.keys, office.blobs, office.settings, "w")


def test_a_fault_in_the_channels_own_code_is_doubt_and_no_second_send(office: Office, post: Post) -> None:
    post.fails = [KeyError("fout")]
    delivery = office.answer()
    office.deliver()
    office.pass_time()
    office.deliver()
    assert office.state(delivery) is DeliveryState.UNCERTAIN
    assert post.sent == []


def test_a_frozen_worker_that_holds_its_row_stops_nobody(office: Office, post: Post) -> None:
    frozen, other = office.answer(), office.answer()
    with office.database.unit_of_work() as session:
        assert claim(session, "bevroren", 60) is not None
    office.pass_time(61)
    with office.database.unit_of_work() as session:
        session.execute(text("SELECT 1 FROM delivery WHERE id = :id FOR UPDATE"), {"id": frozen})
        office.deliver()
        assert office.state(other) is DeliveryState.SENT
    office.deliver()
    assert office.state(frozen) is DeliveryState.SENT


def test_what_was_sent_is_settled_when_the_database_comes_back_and_not_sent_again(office: Office, post: Post) -> None:
    delivery = office.answer()
    killer = Database(office.database.url.render_as_string(hide_password=False), name="killer", pool_size=1)
    cuts = [3]

    def cut(connection: object, cursor: object, statement: str, *_: object) -> None:
        if post.sent and cuts[0] and "UPDATE delivery" in statement:
            cuts[0] -= 1
            with killer.engine.connect() as there:
                there.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    event.listen(office.database.engine, "before_cursor_execute", cut)
    try:
        _once(office)
    finally:
        event.remove(office.database.engine, "before_cursor_execute", cut)
        killer.close()
    assert (cuts, office.state(delivery), len(post.sent)) == ([0], DeliveryState.SENT, 1)


def test_a_fault_of_ours_before_anything_went_out_is_counted_and_holds_up_no_other(office: Office, post: Post) -> None:
    broken = office.answer()
    accounts = Broken(office.accounts)
    other = office.answer()
    patient = office.settings.model_copy(update={"back_off_seconds": 60})
    for _ in range(4):
        deliver_waiting(office.database, accounts, office.keys, office.blobs, patient, "w")
        accounts.broken = False
    assert office.state(broken) is DeliveryState.FAILED
    assert office.row(broken).problem == "It cannot be prepared: RuntimeError."
    assert office.state(other) is DeliveryState.SENT


@pytest.mark.parametrize(("missing", "state"), [(True, DeliveryState.REFUSED), (False, DeliveryState.FAILED)])
def test_a_file_that_cannot_be_read_means_that_nothing_went_out(
    office: Office, post: Post, tmp_path: Path, missing: bool, state: DeliveryState
) -> None:
    digest = "a" * 64
    if not missing:
        (tmp_path / "aa" / digest).mkdir(parents=True)  # a folder where the file should be: the store is out of order
    office.blobs = FolderBlobs(tmp_path)
    delivery = office.answer()
    row = {
        "message_id": office.row(delivery).message_id, "sha256": digest, "name": "kaart.pdf",
        "content_type": "application/pdf", "size": 1, "cid": "", "alt": "",
    }  # fmt: skip
    with office.database.unit_of_work() as session:
        session.execute(insert(Attachment).values(row))
    post.opens = True
    _once(office)
    assert office.state(delivery) is state
    assert post.sent == []


def test_an_answer_of_the_other_side_that_cannot_be_stored_as_it_is_is_still_kept(office: Office, post: Post) -> None:
    post.fails = [Refused("550 \x00nee\ud800", code="550\x00")]
    delivery = office.answer()
    _once(office)
    assert (office.state(delivery), office.row(delivery).problem[:4]) == (DeliveryState.REFUSED, "550 ")


def test_a_service_that_asks_us_to_stay_away_for_ever_is_asked_again_tomorrow(office: Office, post: Post) -> None:
    post.fails = [Unreachable("nooit", retry_after=1e12)]
    delivery = office.answer()
    _once(office)
    assert office.state(delivery) is DeliveryState.FAILED
    office.pass_time(90_000)
    office.deliver()
    assert office.state(delivery) is DeliveryState.SENT


def test_a_frozen_worker_finds_its_lease_gone_before_it_sends(office: Office) -> None:
    office.answer()
    with office.database.unit_of_work() as session:
        taken = claim(session, "bevroren", 60)
    assert taken is not None
    office.pass_time(61)
    office.deliver()
    with office.database.unit_of_work() as session:
        assert not begin(session, taken)


def test_many_workers_send_each_answer_once(office: Office, post: Post) -> None:
    for number in range(30):
        office.answer(said=f"antwoord {number}")
    workers = [Thread(target=office.deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    said = sorted(message.text.split("\n")[0] for message in post.sent)
    assert said == sorted(f"antwoord {number}" for number in range(30))


def test_a_verdict_is_carried_out_and_what_a_channel_lacks_is_refused(office: Office, post: Post) -> None:
    for action in ("moderate", "amend"):
        office.answer()
        with office.database.unit_of_work() as session:
            session.execute(
                text(
                    "UPDATE delivery SET action = :action, message_id = NULL, "
                    'payload = \'{"verdict": "hide", "external_id": "c1", "reason": "naam"}\' '
                    "WHERE state = 'waiting'"
                ),
                {"action": action},
            )
        office.deliver()
    assert [(m.external_id, m.reason) for m in post.moderated] == [("c1", "naam")]
    assert office.events() == ["delivery_sent", "delivery_refused"]


def test_a_verdict_carried_out_elsewhere_says_nothing_of_when_the_reaction_was_sent(office: Office) -> None:
    delivery = office.answer()
    with office.database.unit_of_work() as session:
        asked = "SELECT id FROM message WHERE kind = 'reaction'"
        session.execute(text("UPDATE message SET sent_at = '2026-01-01T12:00Z', publication = 'hidden'"))
        session.execute(
            text(
                f"UPDATE delivery SET action = 'moderate', message_id = ({asked}), "
                'payload = \'{"verdict": "hide", "external_id": "c1", "reason": "naam"}\''
            )
        )
    office.deliver()
    assert office.state(delivery) == DeliveryState.SENT
    with office.database.read_only() as session:
        found = session.execute(text("SELECT sent_at, publication FROM message WHERE kind = 'reaction'")).one()
    assert (found.sent_at.year, found.sent_at.month, found.publication) == (2026, 1, "hidden")


def test_a_public_answer_is_published_when_it_was_sent_and_not_before(office: Office) -> None:
    office.answer(visibility=Visibility.PUBLIC, wait=60)
    query = text("SELECT publication FROM message WHERE kind = 'reply'")
    with office.database.read_only() as session:
        assert session.scalar(query) is None
    office.pass_time(61)
    office.deliver()
    with office.database.read_only() as session:
        assert session.scalar(query) == "published"


def test_an_answer_goes_under_what_its_writer_answered(office: Office, post: Post) -> None:
    office.answer(parent_id="<eerder@x>", root_id="<begin@x>", references=["<eerder@x>", "<begin@x>"])
    office.deliver()
    thread = post.sent[0].thread
    assert (thread.parent_id, thread.root_id, list(thread.references)) == (
        "<eerder@x>", "<begin@x>", ["<begin@x>", "<eerder@x>"],
    )  # fmt: skip


def test_a_channel_hears_when_an_answer_was_written_and_whether_it_was_tried_before(office: Office, post: Post) -> None:
    post.fails = [Unreachable("weg")]
    delivery = office.answer()
    office.deliver()
    office.pass_time()
    office.deliver()
    (message,) = post.sent
    assert (message.again, message.made_at) == (True, office.row(delivery).created_at)
