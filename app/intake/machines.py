"""What follows when no person wrote it by hand (RFC 3834 and its relatives). Pure.

Answers of machines never open a ticket and never trigger mail: two of them would write to each other for ever. A contact
form or a newsletter reply is a machine's mail with a person behind it: it opens a ticket, without a receipt.
"""

from app.channels.incoming import MachineMark

NEVER_OPENS = frozenset({MachineMark.BOUNCE, MachineMark.AUTO_REPLY, MachineMark.READ_RECEIPT, MachineMark.OWN_ECHO})


def quiet(marks: frozenset[MachineMark]) -> str:
    """The mark for which this may at most stand quietly beside the conversation; an empty string for everything else."""
    return min((mark.value for mark in marks & NEVER_OPENS), default="")


def receipt_allowed(marks: frozenset[MachineMark]) -> bool:
    """Whether an automatic receipt may go out: never to a machine, whatever it is."""
    return not marks
