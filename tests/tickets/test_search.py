"""Search: words in every form, numbers, addresses; hostile queries; only what may be seen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from app.models import ContactAddress, Message, TicketParticipant
from app.storage.database import Database
from app.tickets import reference, search_terms
from app.tickets.search import renew, search
from app.vocabulary import Confidentiality
from tests.tickets.statements import plan_of
from tests.tickets.town import Town, build


def found(town: Town, asked: str) -> list[int]:
    return [line.id for line in search(town.session, town.ann, asked)]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("De bomen worden gekapt", "boom kappen"),
        ("Het huis is stuk", "huizen"),
        ("Mijn vergunningen", "vergunning"),
        ("Ik ben geërgerd", "geergerd"),
        ("Café Ĳssel", "CAFE ijssel"),
        ("The trees were cut down", "tree cutting"),
        ("Bestemmingsplan Noord", "bestemmings"),
        ("Kerk-straat 12a", "kerk straat 12a"),
        ("O'Brien & <zonen>", "o'brien zonen"),
    ],
)
def test_a_word_is_found_in_its_other_forms(town: Town, written: str, asked: str) -> None:
    ticket_id = town.ticket(message={"text": written})
    town.ticket(message={"text": "Iets anders"})
    assert found(town, asked) == [ticket_id]


def test_every_word_must_be_there_and_the_last_may_be_begun(town: Town) -> None:
    ticket_id = town.ticket(message={"text": "Kapotte lantaarnpaal aan de gracht"})
    assert found(town, "kapotte lanta") == [ticket_id]
    assert found(town, "lanta kapotte") == []
    assert found(town, "kapotte boom") == []


def test_title_and_author_are_searched_too(town: Town) -> None:
    ticket_id = town.ticket(message={"title": "Zwerfafval", "author_name": "Fictieve Bewoner"})
    assert found(town, "zwerfafval") == found(town, "fictieve") == [ticket_id]


def test_a_reference_finds_its_ticket_however_it_is_typed(town: Town) -> None:
    ticket_id = town.ticket()
    assert found(town, reference.of(ticket_id).lower().replace("-", " ")) == [ticket_id]


def test_an_address_finds_where_it_takes_part(town: Town) -> None:
    contact_id, address_id = town.citizen()
    own = town.ticket(citizen=(contact_id, address_id))
    other = town.ticket()
    town.session.add(TicketParticipant(ticket_id=other, contact_id=contact_id, address_id=address_id))
    town.session.flush()
    address = town.session.get_one(ContactAddress, address_id).address
    assert found(town, f" {address.upper()} ") == [other, own]
    assert found(town, "niemand@voorbeeld.example") == []


def test_what_the_asker_may_not_see_is_not_found_by_any_way(town: Town) -> None:
    citizen = town.citizen()
    ticket_id = town.ticket(citizen=citizen, confidentiality=Confidentiality.STRICT, message={"text": "Geheim"})
    address = town.session.get_one(ContactAddress, citizen[1]).address
    for asked in ("geheim", reference.of(ticket_id), address):
        assert found(town, asked) == []
        assert [line.id for line in search(town.session, town.lead, asked)] == [ticket_id]


def test_a_ticket_with_many_hits_is_one_line_and_pages_go_on(town: Town) -> None:
    made = [town.ticket(message={"text": "Hondenpoep"}) for _ in range(3)]
    town.writes(made[0], "Weer hondenpoep")
    assert found(town, "hondenpoep") == made[::-1]
    first = search(town.session, town.ann, "hondenpoep", limit=2)
    assert [line.id for line in search(town.session, town.ann, "hondenpoep", after=first[-1].id)] == [made[0]]


@pytest.mark.parametrize("asked", ["", "   ", "!?&|", "' OR 1=1 --", "a:* & !b", "<->", "\\", "('", "@", "%_%"])
def test_operators_are_only_characters(town: Town, asked: str) -> None:
    town.ticket(message={"text": "Rustig"})
    assert found(town, asked) == []


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_is_an_error_and_every_text_finds_itself(town: Town, written: str) -> None:
    ticket_id = town.ticket(message={"text": written})
    lines = found(town, written)
    asked = search_terms.query(written)
    if asked and "@" not in written and not reference.find(written) and len(search_terms.terms(written)) <= 8:
        assert ticket_id in lines


@given(st.text())
def test_terms_are_what_postgresql_takes(written: str) -> None:
    made = search_terms.terms(written)
    assert len(made) == len(set(made))
    assert all(term and len(term.encode()) < 2046 for term in made)


def test_the_words_are_found_by_their_index(database: Database) -> None:
    # A database of its own: what other tests rolled back would change PostgreSQL's estimates.
    with database.unit_of_work() as session:
        rare_word_is_found_by_index(build(session))


def rare_word_is_found_by_index(town: Town) -> None:
    ticket_id = town.ticket()
    columns = "account_id, received_at, due_at, kind, status, priority, confidentiality, subject, language, "
    columns += "subject_key, subject_url, subject_title, is_public"
    many = f"INSERT INTO ticket ({columns}) SELECT {columns} FROM ticket, generate_series(1, 5000) WHERE id = :id"
    town.session.execute(text(many), {"id": ticket_id})
    said = "SELECT id, 'reaction', 'private', '', array_to_tsvector(ARRAY['stoep', 'w' || id]) FROM ticket"
    town.session.execute(text(f"INSERT INTO message (ticket_id, kind, visibility, text, terms) {said}"))
    for table in ("ticket", "message"):
        town.session.execute(text(f"ANALYZE {table}"))
    rare = f"w{ticket_id} stoep"  # only the last word is taken for a beginning
    assert found(town, rare) == [ticket_id]
    assert "ix_message_terms" in plan_of(town.session, lambda: search(town.session, town.ann, rare))


def test_words_of_an_older_stemmer_are_made_again(town: Town) -> None:
    ticket_id = town.ticket(message={"text": "Huizen"})
    old = update(Message).where(Message.ticket_id == ticket_id).values(terms_version=0, terms=None)
    town.session.execute(old)
    assert found(town, "huis") == []
    assert renew(town.session) == 1
    assert renew(town.session) == 0
    assert found(town, "huis") == [ticket_id]
    versions = town.session.scalars(select(Message.terms_version).where(Message.ticket_id == ticket_id)).all()
    assert versions == [search_terms.TERMS_VERSION]
