"""Ballots of our own page: who may hand them in, what they mean, and that broken ones never get out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.channels.contract import (
    AccountConfig,
    NotAuthentic,
    OutgoingMessage,
    RawItem,
    Reaction,
    Recipient,
    Refused,
    Unreadable,
    Vote,
    WebhookRequest,
    capabilities,
)
from app.channels.polls.own import KIND, OwnPolls
from app.channels.polls.settings import PollSettings
from app.clock import now
from app.vocabulary import AddressKind, Visibility

RECORDED = (Path(__file__).parent / "recorded" / "ballot.json").read_bytes()
CHANNEL = OwnPolls(AccountConfig(1, "Peilingen", PollSettings(secret=SecretStr("geheim")), "https://x.example"))


def request(body: bytes = RECORDED, caller: str = "browser:1", remote: str = "192.0.2.7") -> WebhookRequest:
    return WebhookRequest("POST", "https://x.example", {}, body, remote, now(), caller)


def item(**given_: str) -> RawItem:
    [made] = CHANNEL.receive(request(**given_)).items  # type: ignore[arg-type]
    return made


def test_a_ballot_is_a_reaction_for_each_written_answer_and_a_vote() -> None:
    reaction, vote = CHANNEL.parse(item())
    assert isinstance(reaction, Reaction)
    assert isinstance(vote, Vote)
    assert (reaction.text, reaction.visibility, reaction.process_key) == (
        "Zet er een kraan neer.", Visibility.PRIVATE, "park-2026",
    )  # fmt: skip
    assert reaction.subject is not None
    assert (reaction.subject.key, reaction.subject.title) == ("poll:parkpeiling", "Het park – Wat wilt u nog kwijt?")
    assert (reaction.author.kind, reaction.author.address) == (AddressKind.EMAIL, "bewoner@voorbeeld.example")
    assert not reaction.author.verified
    assert vote.choices == {"q1": ["o2"], "q2": ["o1", "o3"], "q4": ["Zet er een kraan neer."]}
    assert not vote.invited
    assert vote.apart == ""


def test_an_invitation_marks_the_vote_and_a_filled_trap_sets_it_apart() -> None:
    body = json.loads(RECORDED) | {"website": "x", "answers": {}, "email": ""}
    [made] = CHANNEL.receive(request(json.dumps(body).encode(), "invitation:abc")).items
    [vote] = CHANNEL.parse(made)
    assert isinstance(vote, Vote)
    assert vote.invited
    assert vote.apart == "trap_filled"


@pytest.mark.parametrize("caller", ["", "site:1", "contact:email:x", "Browser:1"])
def test_nobody_but_the_page_hands_in_ballots(caller: str) -> None:
    with pytest.raises(NotAuthentic):
        CHANNEL.receive(request(caller=caller))


def test_voter_and_source_are_the_same_for_the_same_and_say_nothing_of_them() -> None:
    first, again, other = item(), item(), item(caller="browser:2", remote="192.0.2.8")
    assert first.meta == again.meta
    assert first.key == again.key
    assert first.meta["voter"] != other.meta["voter"]
    assert first.meta["source"] != other.meta["source"]
    kept = f"{first.key} {dict(first.meta)} {first.body!r}"
    assert "192.0.2" not in kept
    assert "browser:1" not in kept
    moved = json.loads(RECORDED) | {"poll": "andere"}
    [elsewhere] = CHANNEL.receive(request(json.dumps(moved).encode())).items
    assert elsewhere.meta["source"] != first.meta["source"]


def test_neighbours_in_one_ipv6_network_are_one_source() -> None:
    sources = [item(remote=remote).meta["source"] for remote in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "x")]
    assert sources[0] == sources[1]
    assert len(set(sources)) == 3


def test_an_answer_by_mail_is_refused_and_one_by_status_link_needs_nothing() -> None:
    mail = OutgoingMessage("wk1.a", Recipient(AddressKind.EMAIL, "bewoner@voorbeeld.example"), "Dag")
    with pytest.raises(Refused):
        CHANNEL.send(mail)
    browser = OutgoingMessage("wk1.a", Recipient(AddressKind.BROWSER, "poll:x"), "Dag")
    assert CHANNEL.send(browser).external_id == "wk1.a"
    assert CHANNEL.find_sent(browser) is None


def test_what_it_can_do_and_that_it_needs_nothing() -> None:
    assert capabilities(KIND.channel) == ("Receives", "Sends")
    assert CHANNEL.check().problem is None
    built = KIND.build(AccountConfig(1, "Peilingen", KIND.settings(), ""))
    assert isinstance(built, OwnPolls)
    assert built.voter("a", "browser:1") != CHANNEL.voter("a", "browser:1")


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "poll", "choices", "answers", "q1", "text"]) | st.text(max_size=5), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_anything_else_is_unreadable_and_never_an_escape(body: bytes) -> None:
    said = ""
    try:
        CHANNEL.parse(RawItem("k", body))
    except Unreadable as error:
        said = error.detail
    assert len(said) <= 500


@given(st.integers(0, len(RECORDED) - 1), st.binary(max_size=6))
def test_a_recorded_ballot_with_a_few_other_bytes_is_read_or_unreadable(place: int, put: bytes) -> None:
    changed = RECORDED[:place] + put + RECORDED[place + len(put) :]
    try:
        parts = CHANNEL.parse(RawItem("k", changed, meta={"voter": "v" * 40}))
    except Unreadable:
        return
    assert isinstance(parts[-1], Vote)
