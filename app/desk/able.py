"""What this very account can do, in words: a server's own limit, the rights that were given, what an answer costs.

Read from the account's channel, which is made from its settings, and from what its last check found; the table in
docs/channels.md tells what its kind can do when everything is filled in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from app.channels.contract import Channel, Limits, Sends, capabilities
from app.desk.allowance import allowance
from app.vocabulary import Language
from app.web.formats import number, size
from app.web.i18n import _, translated, translations

CAN: Mapping[str, str] = {
    "Pulls": _("Reads what came in"),
    "Listens": _("Hears at once that something came in"),
    "Receives": _("Is told by the service what came in"),
    "Accepts": _("Takes mail from a mail server"),
    "Lists": _("Is compared with what the service holds"),
    "Sends": _("Answers"),
    "Moderates": _("Moderates reactions where they stand"),
    "Refreshes": _("Renews its own connection"),
    "Revokes": _("Gives its rights back when it is disconnected"),
}
LINK = "https://example.org"

Line = tuple[str, Sequence[str]]
"""What a line is about, and what it says."""


def able(
    channel: Channel,
    settings: BaseModel | None,
    health: Mapping[str, Any] | None,
    spent: float | None,
    language: Language,
) -> Sequence[Line]:
    """The lines to show; those that would say nothing are left out."""
    found = allowance(health, spent, language)
    lines: list[Line] = [
        (_("Can"), [translated(language, CAN[name]) for name in capabilities(channel) if name in CAN]),
        *(_answers(channel.limits, language) if isinstance(channel, Sends) else ()),
        (_("Rights"), getattr(settings, "scopes", ())),
        (_("Look at this"), found.warnings),
        (_("Allowance"), found.lines),
    ]
    return [(translated(language, label), said) for label, said in lines if said]


def _answers(limits: Limits, language: Language) -> list[Line]:
    return [
        (_("Answers"), _lengths(limits, language)),
        (_("In private"), _lengths(limits.private, language) if limits.private is not None else ()),
        (_("Files"), [_files(limits, language)]),
        (_("Price"), _costs(limits, language)),
    ]


def _lengths(limits: Limits, language: Language) -> list[str]:
    said = [limits.audience.labels.get(language, "")]
    if limits.max_length is not None:
        most = number(limits.max_length, language)
        if limits.unit is not None:
            said.append(translated(language, _("At most %(most)s %(unit)s"), most=most, unit=limits.unit[language]))
        else:
            said.append(translated(language, _("At most %(most)s characters, as the service counts"), most=most))
        split = _("Longer ones go out as several posts") if limits.parts is not None else _("Longer ones are not sent")
        said.append(translated(language, split))
    if limits.reply_window is not None:
        say = translations(language).ngettext
        days = limits.reply_window.days
        said.append(say("Within %(num)s day", "Within %(num)s days", days) % {"num": number(days, language)})
    return [words for words in said if words]


def _files(limits: Limits, language: Language) -> str:
    if not limits.max_attachments:
        return translated(language, _("None"))
    values = {"most": number(limits.max_attachments, language), "size": size(limits.max_attachment_bytes, language)}
    return translated(language, _("At most %(most)s, of %(size)s each"), **values)


def _costs(limits: Limits, language: Language) -> list[str]:
    if limits.cost is None:
        return []
    plain, linked = limits.cost("x"), limits.cost(LINK)
    said = [translated(language, _("About $%(usd)s"), usd=f"{plain:.3f}")]
    if linked != plain:
        said.append(translated(language, _("About $%(usd)s with a link in it"), usd=f"{linked:.3f}"))
    return said
