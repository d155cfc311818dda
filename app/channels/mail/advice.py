"""Codes of the facts that a mail's reaction carries in `advice`; the desk says them in words, in its own language.

The value is the fact itself: an address, a name, a number, or empty where the code says all.
"""

from enum import StrEnum


class Advice(StrEnum):
    """What may be worth knowing about a mail."""

    AUTH = "auth"
    """`pass`, `fail` or `none`: what our own mail server found (DMARC)."""

    STAFF_UNVERIFIED = "from_is_staff_domain_unverified"
    """From is in a domain of the organisation, and nothing proves it. Value: the address."""

    SENDER_DIFFERS = "name_shows_other_address"
    """The display name is a mail address, another one than the sender's. Value: the name."""

    REPLY_TO = "reply_to_differs"
    """Answers are asked to go to another address, which is *not* used. Value: that address."""

    SEVERAL_AUTHORS = "several_authors"
    """From names several people; the first is the author. Value: the others."""

    NO_AUTHOR = "no_author"
    """There is no readable From: nobody can be answered."""

    FORM_SENDER = "form_sender"
    """A form sent this for the author. Value: the address it came from."""

    FORM_WITHOUT_CITIZEN = "form_without_citizen"
    """Sent from an address of ours, and no citizen's address found in it."""

    PHONE = "phone"
    """A telephone number given in a form. Value: as typed."""

    FORWARDED_FROM = "forwarded_from"
    """A colleague forwards somebody's mail. Value: `Name <address>` of the first sender, as the text claims."""

    MANY_RECIPIENTS = "many_recipients"
    """Sent to more addresses than are kept. Value: how many."""

    ENCRYPTED = "encrypted"
    """The content is encrypted and cannot be read here. Value: `smime` or `pgp`."""

    SIGNED = "signed"
    """Digitally signed; the signature is not checked here. Value: `smime` or `pgp`."""

    DANGEROUS_FILE = "dangerous_file"
    """A program, or a page that can run one. Value: the names."""

    TYPE_DIFFERS = "file_type_differs"
    """A file is not what its name or the mail says. Value: the names."""

    CALENDAR = "calendar_invite"
    """An invitation for a calendar came along. Value: its name."""

    INCOMPLETE = "incomplete"
    """Not everything could be shown; the original has it all. Value: codes, comma separated."""

    BAD_DATE = "date_unbelievable"
    """The mail's own date is missing or impossible. Value: as written."""
