"""Two polls of Voorbeeldstad: one that is open and stands on the example page, one that is closed and shows its result.

Votes come in by the door of the poll's own page, each from a browser of its own; one browser votes twice, so that a vote that
was set apart is there to be seen. Nobody leaves an address: the demo has no mailbox that could write to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.channels.contract import WebhookRequest
from app.clock import now
from app.identity.principal import SYSTEM
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.intake.receive import receive
from app.polls import account, make, vote
from app.polls.poll import View, by_id
from app.polls.questions import Question, QuestionKind, question
from app.polls.vote import Given
from app.system import System
from app.vocabulary import Language

NL, EN = Language.DUTCH, Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Cast:
    """One vote: what was chosen by question, and perhaps written. `browser` is whose it is."""

    browser: int
    values: dict[str, Sequence[str]]
    language: Language = NL


def _open_poll(base_url: str) -> make.Draft:
    return make.Draft(
        title_nl="Het Voorbeeldplein opnieuw ingericht",
        title_en="A new Voorbeeld Square",
        intro_nl="Volgend jaar gaat het Voorbeeldplein op de schop. Wat mag er niet ontbreken?",
        intro_en="Next year we rebuild Voorbeeld Square. What must not be missing?",
        asked=_SQUARE,
        origins=[base_url],
    )


def _closed_poll(base_url: str) -> make.Draft:
    return make.Draft(
        title_nl="Openingstijden van de bibliotheek",
        title_en="Opening hours of the library",
        intro_nl="De bibliotheek kan één avond in de week langer open. Welke?",
        intro_en="The library can stay open late on one evening a week. Which one?",
        asked=_LIBRARY,
        origins=[base_url],
    )


_SQUARE: tuple[Question, ...] = (
    question(
        1, QuestionKind.SINGLE, {NL: "Wat komt er in het midden?", EN: "What comes in the middle?"}, required=True,
        options={NL: ["Bomen met banken", "Een waterspel", "Een open vloer voor de markt"],
                 EN: ["Trees with benches", "A water feature", "An open floor for the market"]},
    ),
    question(
        2, QuestionKind.MULTIPLE, {NL: "Wat is er verder nodig?", EN: "What else is needed?"},
        options={NL: ["Fietsenrekken", "Een watertappunt", "Een openbaar toilet"],
                 EN: ["Bicycle racks", "A drinking fountain", "A public toilet"]},
    ),
    question(
        3, QuestionKind.SCALE, {NL: "Hoe vaak komt u op het plein?", EN: "How often do you visit the square?"}, steps=5,
        options={NL: ["bijna nooit", "elke dag"], EN: ["hardly ever", "every day"]},
    ),
    question(4, QuestionKind.OPEN, {NL: "Wat wilt u ons meegeven?", EN: "What else should we know?"}),
)  # fmt: skip
_LIBRARY: tuple[Question, ...] = (
    question(
        1, QuestionKind.SINGLE, {NL: "Welke avond?", EN: "Which evening?"}, required=True,
        options={NL: ["Dinsdag", "Donderdag", "Vrijdag"], EN: ["Tuesday", "Thursday", "Friday"]},
    ),
)  # fmt: skip
_ON_THE_SQUARE = (
    Cast(
        1,
        {"q1": ["o1"], "q2": ["o1", "o2"], "q3": ["4"], "q4": ["Denk aan schaduw: in de zomer is het plein te heet."]},
    ),
    Cast(2, {"q1": ["o1"], "q2": ["o2"], "q3": ["5"]}),
    Cast(3, {"q1": ["o3"], "q3": ["2"]}),
    Cast(4, {"q1": ["o2"], "q2": ["o3"], "q3": ["3"], "q4": ["Is er straks nog plaats voor de kermis?"]}),
    Cast(5, {"q1": ["o1"], "q2": ["o2", "o3"]}, EN),
    Cast(6, {"q1": ["o1"], "q3": ["5"], "q4": ["Please keep a smooth path for wheelchairs and prams."]}, EN),
    Cast(6, {"q1": ["o1"], "q3": ["5"]}, EN),
    Cast(7, {"q1": ["o2"], "q2": ["o1"], "q3": ["1"]}),
)
_EVENINGS = ("o1",) * 4 + ("o2",) * 16 + ("o3",) * 3
_AT_THE_LIBRARY = tuple(Cast(number, {"q1": [evening]}) for number, evening in enumerate(_EVENINGS, start=1))
ANSWER_NL = "Dank aan iedereen die stemde. Vanaf 1 maart is de bibliotheek op donderdag open tot 21.00 uur."
ANSWER_EN = "Thanks to everybody who voted. From 1 March the library is open until 9 pm on Thursdays."


def polls(system: System, means: Means) -> None:
    """Make both, vote in them, and close the second with an answer to everybody."""
    base_url = system.settings.base_url
    with system.database.unit_of_work() as session:
        square = _published(session, system, _open_poll(base_url))
        library = _published(session, system, _closed_poll(base_url))
    _voted(means, f"{base_url}/polls/{library.key}", library, _AT_THE_LIBRARY)
    _voted(means, f"{base_url}/polls/{square.key}", square, _ON_THE_SQUARE)
    while admit_waiting(means):
        continue
    with system.database.unit_of_work() as session:
        make.close(session, SYSTEM, library.id)
        make.answer_all(session, SYSTEM, library.id, nl=ANSWER_NL, en=ANSWER_EN)


def _published(session: Session, system: System, draft: make.Draft) -> View:
    made = make.make(session, SYSTEM, account.ensure(session, system.keys, system.accounts), draft)
    make.publish(session, SYSTEM, made)
    return by_id(session, made)


def _voted(means: Means, address: str, poll: View, votes: Sequence[Cast]) -> None:
    """As the poll's page at `address` hands ballots on. Each browser has a network of its own."""
    row = means.accounts.row(poll.account_id)
    for number, cast in enumerate(votes, start=1):
        ballot = vote.ballot(poll, Given(f"{number:024x}", cast.values), cast.language, address)
        headers = {"content-type": "application/json"}
        request = WebhookRequest(
            "POST", address, headers, ballot, f"192.0.2.{cast.browser}", now(), caller=f"browser:{cast.browser:032x}"
        )
        receive(means, row, request)
