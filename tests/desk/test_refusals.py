import pytest

from app.desk.refusals import said
from app.vocabulary import Language


@pytest.mark.parametrize(
    ("fix", "dutch"),
    [
        ("Choose a team or a colleague.", "Kies een team of een collega."),
        ("Say why you hand it over.", "Zeg waarom: u draagt het over."),
        ("It counts 501; this channel takes 500. Shorten it.", "Het telt 501; dit kanaal neemt er 500. Kort het in."),
        ("X cannot be reached: no answer: ReadTimeout.", "X is niet te bereiken: geen antwoord: ReadTimeout."),
        ("It cannot be looked up: the row is no JSON", "Het kan niet worden nagezocht: de rij is geen JSON"),
        ("Mastodon answered 503; it may have gone out.", "Mastodon antwoordde 503; het kan verzonden zijn."),
        (
            "Facebook does not push to us: connect the account again.",
            "Facebook stuurt ons niets: verbind het account opnieuw.",
        ),
        (
            "The Twilio account is suspended: look at it on Twilio's console.",
            "Het Twilio-account is suspended: kijk ernaar in de console van Twilio.",
        ),
        ("the mail server refuses the recipient: 550 no", "de mailserver weigert de ontvanger: 550 no"),
        ("Nobody ever wrote this.", "Nobody ever wrote this."),
    ],
)
def test_a_refusal_is_told_in_the_readers_language(fix: str, dutch: str) -> None:
    assert said(Language.DUTCH, fix) == dutch
    assert said(Language.ENGLISH, fix) == fix
