"""What the desk calls every word of the vocabulary, and how soon something is due.

`LABELS[kind][value]` is the English label; the catalogue holds the Dutch one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache

from babel.dates import format_timedelta

from app import clock
from app.vocabulary import Language
from app.web.formats import locale
from app.web.i18n import _, translated

SOON = timedelta(hours=4)

LABELS: Mapping[str, Mapping[str, str]] = {
    "status": {
        "new": _("New"), "open": _("Open"), "pending": _("Waiting for the citizen"), "on_hold": _("On hold"),
        "solved": _("Solved"), "closed": _("Closed"),
    },
    "kind": {
        "question": _("Question"), "report": _("Report"), "complaint": _("Complaint"), "objection": _("Objection"),
        "view_on_plan": _("View on a plan"), "woo_request": _("Woo request"), "privacy_request": _("Privacy request"),
        "press": _("Press"), "council": _("Council"), "threat": _("Threat"), "other": _("Other"),
    },
    "priority": {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")},
    "confidentiality": {"normal": _("Everyone"), "team": _("The team only"), "strict": _("Owner and leads only")},
    "presence": {"available": _("Available"), "busy": _("Busy"), "away": _("Away")},
    "role": {"agent": _("Employee"), "lead": _("Team lead"), "admin": _("Administrator")},
    "mode": {"next": _("People take the next one"), "push": _("The system hands out a few at a time")},
    "language": {
        "nl": _("Dutch"), "en": _("English"), "de": _("German"), "fr": _("French"), "tr": _("Turkish"), "ar": _("Arabic"),
        "pl": _("Polish"), "es": _("Spanish"), "": _("unknown"),
    },
    "publication": {
        "held": _("Waiting for approval"), "published": _("Published"), "hidden": _("Hidden"), "removed": _("Removed"),
        "withdrawn": _("Withdrawn by the author"),
    },
    "verdict": {"approve": _("Approve"), "hide": _("Hide"), "restore": _("Show again"), "remove": _("Remove")},
    "attachment": {
        "not_scanned": _("not scanned"), "clean": _("scanned, clean"), "infected": _("infected: not to be opened"),
        "too_large": _("too large to keep"),
    },
    "field": {
        "theme": _("theme"), "priority": _("priority"), "team": _("team"), "kind": _("kind"), "tags": _("tags"),
        "skills": _("skills"), "nothing": _("nothing new"),
        "account": _("account"), "site": _("website"), "page": _("page"), "language": _("language"), "process": _("process"),
        "public": _("public"), "confidentiality": _("confidentiality"), "family": _("kind of channel"), "channel": _("channel"),
        "subject": _("subject"), "text": _("text"), "tag": _("tag"), "sender_domain": _("sender's domain"), "hours": _("hours"),
    },
    "raw": {
        "new": _("new"), "ticketed": _("new ticket"), "joined": _("joined a ticket"), "applied": _("applied to a message"),
        "duplicate": _("duplicate"), "signal": _("signal"), "set_aside": _("set aside"), "ignored": _("ignored"),
    },
    "purpose": {
        "block": _("Text block"), "receipt": _("Receipt"), "receipt_formal": _("Receipt of a formal kind"),
        "answer": _("Frame round an answer"), "moderation": _("Word to a moderated author"),
    },
    "proposal": {
        "spam": _("it answers a ticket that is marked as spam"),
        "token_other_sender": _("it carries that ticket's token, but comes from somebody else"),
        "message_id_other_sender": _("it answers a message of that ticket, but comes from somebody else"),
        "answered_by": _("a message of that ticket answers this one"),
        "number_in_subject": _("it names that ticket's number"),
        "conversation_over": _("the same number wrote there, in a conversation that ended weeks ago"),
    },
    "event": {
        "created": _("Came in"), "reaction_received": _("New reaction"), "reaction_revised": _("Reaction changed by its author"),
        "reaction_withdrawn": _("Reaction withdrawn by its author"), "reopened": _("Open again"), "routed": _("Routed"),
        "assigned": _("Assigned"), "taken": _("Taken"), "handed_over": _("Handed over"), "replied": _("Answered"),
        "reply_cancelled": _("Answer called back"), "reply_corrected": _("Answer corrected"),
        "noted": _("Note written"), "no_answer_needed": _("No answer needed"),
        "call_back_promised": _("Call-back promised"), "call_back_settled": _("Said what came of a call-back"),
        "status_set": _("Status changed"), "kind_set": _("Kind changed"), "theme_set": _("Theme changed"),
        "priority_set": _("Priority changed"), "confidentiality_set": _("Confidentiality changed"), "tagged": _("Tag added"),
        "untagged": _("Tag removed"), "proposal_made": _("May belong to another ticket"),
        "proposal_accepted": _("Proposal accepted"),
        "proposal_declined": _("Proposal declined"), "merged": _("Merged"),
        "unmerged": _("Taken apart"),
        "moderated": _("Moderated"), "receipt_sent": _("Receipt sent"), "delivery_sent": _("Answer went out"),
        "delivery_failed": _("Sending failed for now"), "delivery_uncertain": _("Unclear whether it went out"),
        "delivery_refused": _("The other side refused it"), "bounced": _("It did not arrive"),
        "token_refused": _("A token was refused"),
        "routing_failed": _("Routing failed"), "spam_set": _("Spam mark changed"), "passages_marked": _("Passages marked"),
        "draft_ready": _("Draft ready for release"), "delivery_settled": _("Decided about an unclear answer"),
    },
}  # fmt: skip

# Marks of a machine that intake put on a message (`Message.marks`).
MARKS: Mapping[str, str] = {
    "auto_reply": _("An automatic reply"), "auto_generated": _("Made by a program, such as a website's form"),
    "bulk": _("Sent to many at once"), "bounce": _("A notice that a mail did not arrive"),
    "read_receipt": _("A notice that a mail was opened"), "abuse_report": _("A complaint about mail from us"),
    "no_reply": _("The sender says that nobody reads answers"),
}  # fmt: skip

# What may be worth knowing about a message (`Message.advice`): a sentence, with the fact where there is one.
ADVICE: Mapping[str, str] = {
    "from_is_staff_domain_unverified": _("It says to be from a colleague, but nothing proves it: %(value)s"),
    "name_shows_other_address": _("The sender's name shows another address: %(value)s"),
    "reply_to_differs": _("It asks for answers to another address, which is not used: %(value)s"),
    "several_authors": _("Written by several people; also: %(value)s"),
    "no_author": _("There is no sender that can be answered."),
    "form_sender": _("A website's form sent this for the author, from %(value)s"),
    "form_without_citizen": _("Sent by a form of ours, without an address of the citizen"),
    "phone": _("Telephone number given: %(value)s"),
    "entered_call": _("Written down during a telephone call by %(value)s"),
    "entered_letter": _("A letter, entered by %(value)s"),
    "entered_counter": _("Said at the counter, entered by %(value)s"),
    "entered_meeting": _("A card of a meeting, entered by %(value)s"),
    "interpreter": _("An interpreter is needed, for the language %(value)s"),
    "opted_out": _("Answers with this word to our SMS: %(value)s"),
    "forwarded_from": _("Forwarded by a colleague; first sent by %(value)s"),
    "many_recipients": _("Sent to %(value)s addresses"),
    "encrypted": _("Encrypted (%(value)s): it cannot be read here"),
    "signed": _("Digitally signed (%(value)s); not checked here"),
    "dangerous_file": _("Do not just open this file, it can run a program: %(value)s"),
    "file_type_differs": _("A file is not what its name says: %(value)s"),
    "calendar_invite": _("An invitation came along: %(value)s"),
    "incomplete": _("Part of this message could not be read; the original is kept."),
}  # fmt: skip
AUTH_FAILED = _("Our mail server could not confirm the sender: the address may be forged.")


def advice_of(advice: Mapping[str, str], language: Language) -> list[str]:
    """The facts beside a message as sentences in this language; codes without a sentence are left to the original."""
    given = {**advice, "interpreter": language_name(advice.get("interpreter", ""), language)}
    said = [translated(language, ADVICE[code], value=given[code]) for code in advice if code in ADVICE]
    return [*said, translated(language, AUTH_FAILED)] if advice.get("auth") == "fail" else said


def language_name(code: str, language: Language) -> str:
    """What a language is called in the reader's own; its code where that has no name."""
    return str(locale(language).languages.get(code, code))


@cache
def labels(language: Language) -> Mapping[str, Mapping[str, str]]:
    """Every label in a language, translated once."""
    return {
        kind: {value: translated(language, label) for value, label in found.items()} for kind, found in LABELS.items()
    }


def worder(language: Language) -> Callable[[str, str], str]:
    """`word(value, kind)` in this language. A value without a label is shown as it is, its underscores as spaces."""

    def word(value: str, kind: str) -> str:
        known = labels(language)[kind].get(str(value))
        return known or (language_name(str(value), language) if kind == "language" else str(value).replace("_", " "))

    return word


def due_state(due: datetime, now: datetime | None = None) -> str:
    """`late`, `soon` (within four hours) or `later`."""
    left = due - (now or clock.now())
    return "late" if left < timedelta(0) else "soon" if left < SOON else "later"


def due_text(due: datetime, now: datetime, language: Language) -> str:
    """`uiterlijk over 3 uur`, or `3 uur te laat`."""
    minutes = round((due - now).total_seconds() / 60)
    if due < now:
        return translated(language, _("%(span)s overdue"), span=_span(-minutes, language, False))
    return translated(language, _("due %(ago)s"), ago=_span(minutes, language, True))


def since_text(moment: datetime, now: datetime, language: Language) -> str:
    """`3 uur geleden`."""
    return _span(round((moment - now).total_seconds() / 60), language, True)


@lru_cache(maxsize=4096)
def _span(minutes: int, language: Language, direction: bool) -> str:
    """Babel takes its time, and a list asks for fifty of these; most of them are the same."""
    return str(format_timedelta(timedelta(minutes=minutes), add_direction=direction, locale=locale(language)))
