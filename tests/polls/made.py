"""Polls as values, for tests without a database."""

from app.polls.poll import PollState, View
from app.polls.questions import Question, QuestionKind, question
from app.vocabulary import Language

NL, EN = Language.DUTCH, Language.ENGLISH
ASKED = (
    question(
        1,
        QuestionKind.SINGLE,
        {NL: "Kleur?", EN: "Colour?"},
        required=True,
        options={NL: ["Rood", "Groen"], EN: ["Red", "Green"]},
    ),
    question(
        2,
        QuestionKind.MULTIPLE,
        {NL: "Wat mist u?", EN: "What is missing?"},
        options={NL: ["Water", "Gras"], EN: ["Water", "Grass"]},
    ),
    question(3, QuestionKind.SCALE, {NL: "Mooi?", EN: "Nice?"}, steps=3),
    question(4, QuestionKind.OPEN, {NL: "Verder nog?", EN: "Anything else?"}),
)


def view(asked: tuple[Question, ...] = ASKED) -> View:
    """An open poll with one question of each kind."""
    return View(
        id=1,
        version=1,
        account_id=1,
        key="park",
        title_nl="Het park",
        title_en="The park",
        intro_nl="Over het park",
        intro_en="About the park",
        invited_only=False,
        origins=[],
        published_at=None,
        closes_at=None,
        closed_at=None,
        answer_nl="",
        answer_en="",
        state=PollState.OPEN,
        process_id=None,
        process="park-2026",
        organisation="Gemeente Voorbeeldstad",
        asked=asked,
    )
