"""Joining, as a table: who may write into which conversation, and why."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.thread import WARM, Candidate, Joined, Link, New, Proposed, ReactionFacts, Signature, join, refused

MAIL = ReactionFacts(by_mail=True)
SIGNED_IN = ReactionFacts(verified=True)
TYPED = ReactionFacts()

TOKEN = Candidate(7, Link.REPLY_TOKEN, Signature.VALID)
STATUS = Candidate(7, Link.STATUS_TOKEN, Signature.VALID)
ID = Candidate(7, Link.MESSAGE_ID)
TALK = Candidate(7, Link.CONVERSATION, participant=True)
DAY = timedelta(days=1)


def of(base: Candidate, **changed: object) -> Candidate:
    fields = {name: getattr(base, name) for name in Candidate.__slots__} | changed
    return Candidate(**fields)


@pytest.mark.parametrize(
    ("facts", "candidate", "expected"),
    [
        (MAIL, of(TOKEN, issued_to_author=True), Joined(7, "reply_token")),
        (MAIL, of(TOKEN, participant=True), Joined(7, "reply_token")),
        (MAIL, TOKEN, Proposed(7, "token_other_sender")),
        (TYPED, of(TOKEN, issued_to_author=True), Proposed(7, "token_other_sender")),
        (MAIL, of(TOKEN, signature=Signature.STALE, issued_to_author=True), Joined(7, "reply_token")),
        (MAIL, of(TOKEN, signature=Signature.STALE, participant=True), Proposed(7, "token_other_sender")),
        (MAIL, of(TOKEN, signature=Signature.FORGED, issued_to_author=True, participant=True), New("token_forged")),
        (MAIL, of(TOKEN, signature=Signature.GONE), New("ticket_gone")),
        (TYPED, STATUS, Joined(7, "status_token")),
        (SIGNED_IN, STATUS, Joined(7, "status_token")),
        (TYPED, of(STATUS, signature=Signature.FORGED), New("token_forged")),
        (MAIL, STATUS, Proposed(7, "token_other_sender")),
        (MAIL, of(ID, participant=True), Joined(7, "message_id")),
        (MAIL, ID, Proposed(7, "message_id_other_sender")),
        (SIGNED_IN, of(ID, participant=True), Joined(7, "same_author")),
        (TYPED, of(ID, participant=True), Proposed(7, "message_id_other_sender")),
        (MAIL, of(ID, link=Link.ANSWERED_BY, participant=True), Joined(7, "answered_by")),
        (MAIL, of(ID, link=Link.ANSWERED_BY), Proposed(7, "answered_by")),
        (MAIL, of(ID, link=Link.NUMBER, participant=True), Proposed(7, "number_in_subject")),
        (SIGNED_IN, of(ID, link=Link.NUMBER, participant=True), Proposed(7, "number_in_subject")),
        (MAIL, of(ID, link=Link.SAME_ID, participant=True), Proposed(7, "same_id_other_content")),
        (ReactionFacts(by_mail=True, formal=True), of(ID, participant=True), Proposed(7, "formal")),
        (ReactionFacts(formal=True), STATUS, Proposed(7, "formal")),
        (MAIL, of(ID, participant=True, spam=True), Proposed(7, "spam")),
        (MAIL, of(ID, spam=True), New("first")),
        (SIGNED_IN, TALK, Joined(7, "conversation")),
        (SIGNED_IN, of(TALK, finished=DAY), Joined(7, "conversation")),
        (SIGNED_IN, of(TALK, finished=WARM + DAY), Proposed(7, "conversation_over")),
        (SIGNED_IN, of(TALK, participant=False), Proposed(7, "message_id_other_sender")),
        (SIGNED_IN, of(TALK, spam=True), Proposed(7, "spam")),
        (TYPED, TALK, Proposed(7, "message_id_other_sender")),
        (ReactionFacts(verified=True, formal=True), TALK, Proposed(7, "formal")),
    ],
)
def test_one_candidate(facts: ReactionFacts, candidate: Candidate, expected: object) -> None:
    assert join(facts, [candidate]) == expected


def test_nothing_known_opens_a_ticket() -> None:
    assert join(MAIL, []) == New("first")


def test_a_token_weighs_more_than_a_message_id_of_another_ticket() -> None:
    other = Candidate(3, Link.MESSAGE_ID, participant=True)
    assert join(MAIL, [other, of(TOKEN, issued_to_author=True)]) == Joined(7, "reply_token")


def test_a_strangers_token_does_not_stop_a_participants_message_id() -> None:
    known = Candidate(3, Link.MESSAGE_ID, participant=True)
    assert join(MAIL, [TOKEN, known]) == Joined(3, "message_id")


def test_the_nearest_message_decides_between_two_tickets() -> None:
    near, far = Candidate(3, Link.MESSAGE_ID, participant=True), Candidate(2, Link.MESSAGE_ID, participant=True)
    assert join(MAIL, [near, far]) == Joined(3, "message_id")


def test_the_call_that_a_recording_belongs_to_decides_before_the_conversation() -> None:
    call = Candidate(3, Link.MESSAGE_ID, participant=True)
    assert join(SIGNED_IN, [TALK, call]) == Joined(3, "same_author")


def test_of_a_conversation_that_is_long_over_nothing_is_joined_though_one_goes_on() -> None:
    over, goes_on = of(TALK, finished=WARM + DAY), of(TALK, ticket_id=9)
    assert join(SIGNED_IN, [over, goes_on]) == Joined(9, "conversation")


FACTS = st.builds(ReactionFacts, by_mail=st.booleans(), verified=st.booleans(), formal=st.booleans())
TALKS = st.builds(
    Candidate, st.integers(1, 4), st.just(Link.CONVERSATION), participant=st.booleans(), spam=st.booleans(),
    finished=st.none() | st.timedeltas(timedelta(0), timedelta(days=60)),
)  # fmt: skip


@given(facts=FACTS, talks=st.lists(TALKS, max_size=4))
def test_a_conversation_is_joined_only_by_its_own_number_and_while_it_is_warm(
    facts: ReactionFacts, talks: list[Candidate]
) -> None:
    found = join(facts, talks)
    fitting = [
        talk
        for talk in talks
        if talk.participant and not talk.spam and (talk.finished is None or talk.finished <= WARM)
    ]
    if facts.verified and not facts.formal and fitting:
        assert found == Joined(fitting[0].ticket_id, "conversation")
    else:
        assert not isinstance(found, Joined)


def test_a_strangers_token_is_proposed_before_a_number_in_the_subject() -> None:
    number = Candidate(2, Link.NUMBER)
    assert join(MAIL, [number, TOKEN]) == Proposed(7, "token_other_sender")


@pytest.mark.parametrize(
    ("facts", "candidate", "expected"),
    [
        (MAIL, TOKEN, [("other_sender", 7)]),
        (MAIL, of(TOKEN, signature=Signature.FORGED), [("forged", 7)]),
        (MAIL, of(TOKEN, signature=Signature.GONE), [("gone", 7)]),
        (MAIL, of(TOKEN, issued_to_author=True), []),
        (TYPED, STATUS, []),
        (MAIL, ID, []),
    ],
)
def test_a_token_that_does_not_count_is_told(facts: ReactionFacts, candidate: Candidate, expected: object) -> None:
    assert refused([candidate], facts) == expected
