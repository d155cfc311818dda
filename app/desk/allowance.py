"""What a service lets an account do, in words for its line on the accounts page: quotas, money, rights, and how long still."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.vocabulary import Language
from app.web.formats import number, when
from app.web.i18n import _, translated

UNITS: Mapping[str, str] = {
    "calls": _("calls"),
    "posts": _("posts"),
    "usd": _("US dollars"),
    "percent": _("per cent"),
}


WHAT_FOR: Mapping[str, str] = {
    "reading": _("reading"),
    "reading, per cent": _("reading, per cent"),
    "mentions": _("mentions"),
    "own posts": _("own posts"),
    "looking again": _("looking again"),
    "posting": _("posting"),
    "delete": _("deleting"),
    "me": _("checking"),
    "other": _("everything else"),
}
"""What a service's several allowances are for, by the names that channels give them."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Lines to show, those that ask for somebody's attention apart."""

    lines: Sequence[str]
    warnings: Sequence[str]


def allowance(health: Mapping[str, Any] | None, spent: float | None, language: Language) -> Allowance:
    """`health` as `app.accounts.health` keeps it; `spent` in US dollars."""
    found = health or {}
    lines = [_quota(quota, language) for quota in found.get("quotas") or ()]
    if spent:
        lines.append(translated(language, _("$%(usd)s spent"), usd=f"{spent:.2f}"))
    if ends := found.get("expires_at"):
        moment = when(datetime.fromisoformat(ends), language)
        lines.append(translated(language, _("the connection ends on %(moment)s"), moment=moment))
    warnings = [found["problem"]] if found.get("problem") else []
    if missing := found.get("missing_scopes"):
        warnings.append(translated(language, _("missing rights: %(names)s"), names=", ".join(missing)))
    return Allowance(lines, warnings)


def _quota(quota: Mapping[str, Any], language: Language) -> str:
    unit, _space, what_for = str(quota["unit"]).partition(" ")
    named = translated(language, UNITS[unit]) if unit in UNITS else unit
    what_for = what_for.strip("()")
    if what_for in WHAT_FOR:
        what_for = translated(language, WHAT_FOR[what_for])
    values = {"used": number(quota["used"], language), "unit": f"{named} ({what_for})" if what_for else named}
    if quota.get("limit") is None:
        return translated(language, _("%(used)s %(unit)s used"), **values)
    values["limit"] = number(quota["limit"], language)
    if quota.get("resets_at"):
        values["moment"] = when(datetime.fromisoformat(quota["resets_at"]), language, "short")
        return translated(language, _("%(used)s of %(limit)s %(unit)s used, again at %(moment)s"), **values)
    return translated(language, _("%(used)s of %(limit)s %(unit)s used"), **values)
