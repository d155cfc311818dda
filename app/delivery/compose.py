"""From what we know of an answer to the message that a channel can send. Pure.

A private answer gets the organisation's frame round it: its name, the reference and the private status link, in the
language of the conversation. A public one is only what the employee wrote, signed beside the text where the platform can,
since a reference and a link under a public comment help nobody and tell too much.
"""

from collections.abc import Callable

from app.channels.contract import AttachmentOut, OutgoingMessage, Recipient, Refused, Subject, Thread, Unreachable
from app.channels.phone_number import e164
from app.delivery.facts import FileFacts, OutgoingFacts
from app.errors import NotFound
from app.storage.keys import Keys
from app.tickets import reference
from app.tickets.correct import CORRECTS
from app.tickets.default_templates import ANSWER, DEFAULTS
from app.tickets.filling import filled
from app.tickets.tokens import reply_token, status_token
from app.vocabulary import AddressKind, Language, MessageKind, Visibility

Load = Callable[[str], bytes]
"""The bytes of a stored file by its sha256."""

FRAMED = (MessageKind.REPLY, MessageKind.RECEIPT)
CORRECTED = {
    Language.DUTCH: "Wij hebben ons antwoord verbeterd. Dit komt in de plaats van wat wij u eerder mailden.",
    Language.ENGLISH: "We have corrected our answer. This replaces what we mailed you earlier.",
}


def compose(facts: OutgoingFacts, keys: Keys, base_url: str, load: Load) -> OutgoingMessage:
    """The complete message. `load` is called only when the channel asks for an attachment's bytes."""
    private = facts.visibility in (Visibility.PRIVATE, Visibility.DIRECT)
    framed = private and facts.kind in FRAMED and facts.address_kind is AddressKind.EMAIL
    return OutgoingMessage(
        key=facts.key,
        recipient=_recipient(facts),
        text=_framed(facts, keys, base_url) if framed else facts.text,
        title=facts.title,
        language=facts.language.value,
        visibility=facts.visibility,
        thread=Thread(
            parent_id=facts.parent_id,
            root_id=facts.root_id,
            references=tuple(facts.chain),
            subject=Subject(facts.subject_key, facts.subject_title, facts.subject_url) if facts.subject_key else None,
        ),
        attachments=tuple(_attachment(file, load) for file in facts.files),
        reply_token=reply_token(keys, facts.ticket_id, facts.contact_id, facts.token_round) if private else "",
        automatic=facts.kind is MessageKind.RECEIPT,
        signed_by=facts.team or facts.organisation,
        copies=tuple(Recipient(AddressKind.EMAIL, address) for address in facts.copies) if private else (),
        through=_through(facts),
        made_at=facts.made_at,
        again=facts.tries > 1,
    )


def status_link(keys: Keys, base_url: str, ticket_id: int, contact_id: int | None, token_round: int) -> str:
    """The private address where this contact follows their message."""
    return f"{base_url}/status/{status_token(keys, ticket_id, contact_id, token_round)}"


def _framed(facts: OutgoingFacts, keys: Keys, base_url: str) -> str:
    """The organisation's frame round an answer; a receipt only lacks its link, which nobody at the desk may see."""
    said = facts.text.strip()
    values = {
        "answer": f"{CORRECTED[facts.language]}\n\n{said}" if facts.payload.get(CORRECTS) else said,
        "organisation": facts.organisation,
        "signature": facts.signature or facts.organisation,
        "reference": reference.of(facts.ticket_id),
        "status_link": status_link(keys, base_url, facts.ticket_id, facts.contact_id, facts.token_round),
        "name": facts.address_name,
    }
    if facts.kind is MessageKind.RECEIPT:
        return filled(facts.text, {"status_link": values["status_link"]})
    return filled(facts.frame or DEFAULTS[ANSWER, facts.language].text, values)


def _recipient(facts: OutgoingFacts) -> Recipient | None:
    if facts.address_kind is None:
        return None
    return Recipient(facts.address_kind, facts.address, facts.address_name)


def _through(facts: OutgoingFacts) -> Recipient | None:
    """Whose telephone rings first: what was asked for this call, else the writer's own."""
    number = e164(str(facts.payload.get("through") or facts.agent_phone))
    return Recipient(AddressKind.PHONE, number) if number is not None else None


def _attachment(file: FileFacts, load: Load) -> AttachmentOut:
    def opened() -> bytes:
        """Called before the first byte leaves, so a store that is away means that nothing happened."""
        try:
            return load(file.sha256)
        except NotFound:
            raise Refused(f"The file {file.name} is not in the store any more; attach it again.", "file_gone") from None
        except Exception as error:
            detail = f"The store of files cannot be read now: {type(error).__name__}."
            raise Unreachable(detail, whole_account=False) from error

    return AttachmentOut(file.name, file.content_type, file.size, opened, file.alt, file.inline)
