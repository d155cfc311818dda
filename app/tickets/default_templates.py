"""The texts that go out as long as the organisation has none of its own, in Dutch and English.

Places: `{reference}`, `{name}`, `{organisation}`, `{signature}`, `{status_link}`, `{received_at}`, `{answer}`, `{reason}`.
`{status_link}` is filled at the last moment, on the way out: it is private, and the desk never shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's subject (empty where there is none) and its text."""

    title: str
    text: str


RECEIPT, RECEIPT_FORMAL, ANSWER, MODERATION = "receipt", "receipt_formal", "answer", "moderation"

DEFAULTS: Mapping[tuple[str, Language], Text] = {
    (RECEIPT, Language.DUTCH): Text(
        "Wij hebben uw bericht ontvangen ({reference})",
        "Dank voor uw bericht. Wij hebben het ontvangen en een collega leest het.\n\n"
        "Uw kenmerk: {reference}\n"
        "Volg uw bericht: {status_link}\n\n"
        "Wilt u iets toevoegen? Antwoord dan op deze mail.\n\n"
        "Met vriendelijke groet,\n{signature}",
    ),
    (RECEIPT, Language.ENGLISH): Text(
        "We have received your message ({reference})",
        "Thank you for your message. We have received it and a colleague will read it.\n\n"
        "Your reference: {reference}\n"
        "Follow your message: {status_link}\n\n"
        "Would you like to add something? Then answer this mail.\n\n"
        "Kind regards,\n{signature}",
    ),
    (RECEIPT_FORMAL, Language.DUTCH): Text(
        "Ontvangstbevestiging {reference}",
        "Wij bevestigen dat wij uw bericht hebben ontvangen op {received_at}.\n"
        "Vanaf dat moment loopt de wettelijke termijn.\n\n"
        "Uw kenmerk: {reference}\n"
        "Volg uw bericht: {status_link}\n\n"
        "Met vriendelijke groet,\n{signature}",
    ),
    (RECEIPT_FORMAL, Language.ENGLISH): Text(
        "Acknowledgement of receipt {reference}",
        "We confirm that we received your message on {received_at}.\n"
        "The statutory period runs from that moment.\n\n"
        "Your reference: {reference}\n"
        "Follow your message: {status_link}\n\n"
        "Kind regards,\n{signature}",
    ),
    (ANSWER, Language.DUTCH): Text(
        "",
        "{answer}\n\n"
        "Met vriendelijke groet,\n{signature}\n\n"
        "Uw kenmerk: {reference}\n"
        "Volg uw bericht: {status_link}\n"
        "U kunt op deze mail antwoorden.",
    ),
    (ANSWER, Language.ENGLISH): Text(
        "",
        "{answer}\n\n"
        "Kind regards,\n{signature}\n\n"
        "Your reference: {reference}\n"
        "Follow your message: {status_link}\n"
        "You can answer this mail.",
    ),
    (MODERATION, Language.DUTCH): Text(
        "Over uw reactie ({reference})",
        "Uw reactie is niet (meer) zichtbaar op de pagina.\n\nDe reden: {reason}\n\n"
        "Bent u het er niet mee eens? Laat het ons weten via {status_link}.\n\n{signature}",
    ),
    (MODERATION, Language.ENGLISH): Text(
        "About your comment ({reference})",
        "Your comment is not (or no longer) visible on the page.\n\nThe reason: {reason}\n\n"
        "Do you disagree? Tell us at {status_link}.\n\n{signature}",
    ),
}
