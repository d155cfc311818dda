"""Every service all the way: a comment becomes a ticket, its answer stands there, and what follows joins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from app.errors import Conflict
from app.identity.principal import SYSTEM
from app.intake.compare import compare
from app.tickets.correct import correct
from app.tickets.take_back import take_back
from tests.channels.social.office import Office, only
from tests.channels.social.services import at_facebook, at_flickr, at_mastodon, at_vimeo, at_x
from tests.emulators.mastodon import Mastodon


def test_from_a_comment_to_its_answer_and_back(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    ((said, *message),) = office.rows("SELECT text, visibility, author_verified, external_id FROM message")
    assert said.endswith("Wanneer is dat?")
    assert message == ["public", True, asked]

    office.answer("Op 1 december.")
    assert office.rows("SELECT state, problem FROM delivery") == [("sent", "")]
    ours = office.rows("SELECT external_id FROM delivery")[0][0]
    office.later(minutes=70)
    office.read()
    assert ("applied", "echo") in office.states()
    assert office.rows("SELECT count(*) FROM message") == [(2,)]

    service.comment(asked, "En hoe laat?", False)
    office.later(minutes=70)
    service.comment(asked, "Om negen uur, zegt een collega.", True)
    office.read()
    kinds = office.rows("SELECT kind, ticket_id FROM message ORDER BY id")
    assert [kind for kind, _ in kinds] == ["reaction", "reply", "reaction", "own_post"]
    assert len({ticket for _, ticket in kinds}) == 1
    assert ours
    assert not {state for state, _ in office.states()} & {"set_aside", "new"}


def test_an_echo_that_overtakes_its_delivery_waits_for_it_and_a_colleagues_answer_beside_it_is_kept(
    office: Office,
) -> None:
    service = office.service
    asked = service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    accepted, go_on = service.state.faults.hold_after_accepting()
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(office.answer, "Op 1 december.")
        assert accepted.wait(10)
        service.comment(asked, "Dat weet ik ook, zegt een collega.", True)
        office.later(minutes=70)
        office.read()
        waiting = office.rows("SELECT reason FROM raw_item WHERE state = 'new'")
        assert waiting == [("delivery_under_way",)] * 2
        go_on.set()
        answering.result(20)
    office.admit_now()
    kinds = office.rows("SELECT kind, text FROM message ORDER BY id")
    assert [kind for kind, _ in kinds] == ["reaction", "reply", "own_post"]
    assert kinds[2][1].endswith("zegt een collega.")
    assert ("applied", "echo") in office.states()
    assert office.rows("SELECT state FROM delivery") == [("sent",)]


def test_an_answer_of_which_nobody_knew_is_known_by_its_words_when_it_is_read(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    service.state.faults.silent_after_accepting()
    looked_for = f"/api/v1/statuses/{asked}/context" if isinstance(service.state, Mastodon) else "/"
    service.state.faults.fail(503, method="GET", path=looked_for)
    office.answer("Op 1 december.")
    assert office.rows("SELECT state FROM delivery") == [("uncertain",)]
    service.comment(asked, "Op 1 december of later, zegt een collega.", True)
    office.later(minutes=70)
    office.read()
    assert office.rows("SELECT state, external_id <> '' FROM delivery") == [("sent", True)]
    kinds = office.rows("SELECT kind, external_id <> '' FROM message ORDER BY id")
    assert kinds == [("reaction", True), ("reply", True), ("own_post", True)]


@only(at_mastodon, at_x)
def test_an_answer_in_several_posts_is_one_answer_when_they_are_read_back(office: Office) -> None:
    service = office.service
    office.change(split=True)
    asked = service.comment("", "Wanneer is dat?", False)
    office.read()
    office.answer("Dat is op 1 december. " * 40)
    sent = office.rows("SELECT action, state, external_id FROM delivery ORDER BY id")
    assert len(sent) >= 2
    assert [(action, state) for action, state, _ in sent] == [("send", "sent"), *[("part", "sent")] * (len(sent) - 1)]
    office.later(minutes=70)
    service.comment(sent[-1][2], "Dank voor het lange antwoord", False)
    office.read()
    kinds = office.rows("SELECT kind, ticket_id FROM message ORDER BY id")
    assert [kind for kind, _ in kinds] == ["reaction", "reply", "reaction"]
    assert len({ticket for _, ticket in kinds}) == 1
    assert office.rows("SELECT count(*) FROM raw_item WHERE reason = 'echo'") == [(len(sent),)]
    assert asked


def test_an_answer_that_is_taken_back_goes_there_and_stays_here_as_such(office: Office) -> None:
    answered_and_taken_back(office, "Dat is op 1 december.")


@only(at_mastodon, at_x)
def test_an_answer_in_several_posts_is_taken_back_with_all_of_them(office: Office) -> None:
    office.change(split=True)
    answered_and_taken_back(office, "Dat is op 1 december. " * 40)


def answered_and_taken_back(office: Office, said_here: str) -> None:
    service = office.service
    service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    office.answer(said_here)
    ((reply,),) = office.rows("SELECT id FROM message WHERE kind = 'reply'")
    with office.means.database.unit_of_work() as session:
        take_back(session, SYSTEM, reply)
    office.deliver()
    said = service.state.posted() if hasattr(service.state, "posted") else service.state.said()
    assert said == []
    assert office.rows("SELECT DISTINCT state FROM delivery") == [("sent",)]
    assert office.rows("SELECT withdrawn_at IS NOT NULL FROM message WHERE kind = 'reply'") == [(True,)]
    with pytest.raises(Conflict) as refused, office.means.database.unit_of_work() as session:
        take_back(session, SYSTEM, reply)
    assert refused.value.code == "taken_back"


def test_an_answer_that_is_corrected_says_so_there_and_keeps_the_earlier_words_here(office: Office) -> None:
    service = office.service
    service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    office.answer("Dat is op 1 december.")
    ((reply,),) = office.rows("SELECT id FROM message WHERE kind = 'reply'")
    limits = office.means.accounts.channel(office.account_id).limits
    for words in ("Dat is op 2 december.", "Dat is op 3 december."):
        with office.means.database.unit_of_work() as session:
            correct(session, SYSTEM, reply, words, limits)
        with pytest.raises(Conflict) as refused, office.means.database.unit_of_work() as session:
            correct(session, SYSTEM, reply, "Nog anders.", limits)
        assert refused.value.code == "correcting"
        office.deliver()
        said = service.state.posted() if hasattr(service.state, "posted") else service.state.said()
        assert len(said) == 1
        assert words in str(said)
        assert office.rows("SELECT text FROM message WHERE kind = 'reply'") == [(words,)]
    (earlier,) = office.rows(
        "SELECT revised_from[0]->>'text', revised_from[1]->>'text' FROM message WHERE kind = 'reply'"
    )
    assert earlier == ("Dat is op 1 december.", "Dat is op 2 december.")
    office.read()
    assert office.rows("SELECT count(*) FROM message WHERE kind = 'own_post'") == [(0,)]
    with office.means.database.unit_of_work() as session:
        take_back(session, SYSTEM, reply)
    office.deliver()
    assert (service.state.posted() if hasattr(service.state, "posted") else service.state.said()) == []


@only(at_x)
def test_an_answer_whose_correction_is_refused_stands_there_no_longer_and_is_shown_so(office: Office) -> None:
    service = office.service
    service.comment("", "Wanneer is dat?", False)
    office.read()
    office.answer("Dat is op 1 december.")
    ((reply,),) = office.rows("SELECT id FROM message WHERE kind = 'reply'")
    limits = office.means.accounts.channel(office.account_id).limits
    with office.means.database.unit_of_work() as session:
        correct(session, SYSTEM, reply, "Dat is op 2 december.", limits)
    service.state.faults.fail(403, path="/2/tweets", method="POST")
    office.deliver()
    assert service.state.posted() == []
    assert office.rows("SELECT state FROM delivery ORDER BY id") == [("sent",), ("refused",)]
    columns = "text, withdrawn_at IS NOT NULL, publication"
    assert office.rows(f"SELECT {columns} FROM message WHERE kind = 'reply'") == [
        ("Dat is op 1 december.", True, "withdrawn")
    ]


@only(at_x)
@pytest.mark.parametrize(("status", "state"), [(429, "failed"), (500, "uncertain")])
def test_what_a_correction_took_away_is_remembered_until_it_is_said_anew_or_refused(
    office: Office, status: int, state: str
) -> None:
    """The try that is refused in the end need not be the one that deleted the answer."""
    service = office.service
    service.comment("", "Wanneer is dat?", False)
    office.read()
    office.answer("Dat is op 1 december.")
    ((reply,),) = office.rows("SELECT id FROM message WHERE kind = 'reply'")
    with office.means.database.unit_of_work() as session:
        correct(session, SYSTEM, reply, "Op 2 december.", office.means.accounts.channel(office.account_id).limits)
    service.state.faults.fail(status, path="/2/tweets", method="POST")
    office.deliver()
    assert office.rows("SELECT state, payload->'gone' FROM delivery WHERE action = 'amend'") == [(state, True)]
    assert office.rows("SELECT withdrawn_at FROM message WHERE kind = 'reply'") == [(None,)]
    office.later(minutes=20)
    service.state.faults.fail(403, path="/2/tweets", method="DELETE")
    office.rows("UPDATE delivery SET state = 'failed', not_before = now() WHERE action = 'amend' RETURNING 1")
    office.deliver()
    assert office.rows("SELECT state FROM delivery WHERE action = 'amend'") == [("refused",)]
    assert office.rows("SELECT publication FROM message WHERE kind = 'reply'") == [("withdrawn",)]


@only(at_x)
def test_an_answer_of_which_only_the_first_post_went_out_goes_on_after_it(office: Office) -> None:
    service = office.service
    office.change(split=True)
    service.comment("", "Wanneer is dat?", False)
    office.read()
    service.state.limits["create"] = 1
    office.answer("Dat is op 1 december. " * 40)
    ((state, problem),) = office.rows("SELECT state, problem FROM delivery")
    assert (state, problem[:27]) == ("failed", "1 of 4 posts stand there. X")
    office.later(minutes=20)
    office.read()
    service.state.limits["create"] = 100
    office.rows("UPDATE delivery SET not_before = now() RETURNING 1")
    office.deliver()
    assert office.rows("SELECT action, state FROM delivery ORDER BY id") == [("send", "sent"), *[("part", "sent")] * 3]
    marks = [post.text[-5:] for post in service.state.posted()]
    assert marks == ["(1/4)", "(2/4)", "(3/4)", "(4/4)"]
    office.later(minutes=20)
    office.read()
    assert office.rows("SELECT kind FROM message ORDER BY id") == [("reaction",), ("reply",)]


@only(at_facebook, at_vimeo, at_flickr)
def test_an_edit_and_a_deletion_follow(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wannneer?", False)
    office.read()
    service.state.edit(asked, "Wanneer?")
    office.follow()
    assert office.rows("SELECT text, jsonb_array_length(revised_from) FROM message") == [("Wanneer?", 1)]
    service.state.remove(asked)
    office.follow()
    ((publication, withdrawn),) = office.rows("SELECT publication, withdrawn_at FROM message")
    assert publication == "withdrawn"
    assert isinstance(withdrawn, datetime)


@only(at_facebook, at_vimeo, at_flickr, at_mastodon)
def test_what_the_service_holds_is_compared_with_what_we_know(office: Office) -> None:
    service = office.service
    first, second = (service.comment(service.root, words, False) for words in ("Wanneer?", "Waar?"))
    service.comment(first, "Morgen, zegt een collega.", True)
    office.read()
    office.later(minutes=6)
    service.state.edit(first, "Wanneer dan?")
    service.comment(first, "Hoe laat?", False)  # the comparison reads what came in meanwhile
    compared = compare(office.means, office.account_id)
    assert (compared.unknown, compared.held >= 2) == (0, True)
    office.read()
    office.rows("UPDATE raw_item SET key = 'lost' WHERE key LIKE '%' || :id || '%' RETURNING 1", id=second)
    again = compare(office.means, office.account_id)
    assert again.unknown == 1
    assert second in again.samples[0]
