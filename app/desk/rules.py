"""The routing rules in force, read only: each in one sentence, in order."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.assignment import policies
from app.desk.around import named
from app.desk.frame import show
from app.desk.posted import must_manage
from app.desk.words import worder
from app.identity.principal import Principal
from app.routing.rules import Condition, Rule
from app.web.i18n import _, translated
from app.web.principal import CurrentAgent
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/rules", include_in_schema=False)


@router.get("")
def listed(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """What sorts the tickets now."""
    must_manage(me)
    policy = policies.current(session)
    teams, themes = named(session, me.language)
    said = [(rule.name, _when(rule, me, themes), _then(rule, me, teams, themes)) for rule in policy.rules]
    return show(request, session, me, "rules.html", {"version": policy.version, "rules": said})


def _when(rule: Rule, me: Principal, themes: Mapping[int, str]) -> str:
    if not rule.all and not rule.any:
        return translated(me.language, _("always"))
    every = translated(me.language, _(" and ")).join(_condition(c, me, themes) for c in rule.all)
    some = translated(me.language, _(" or ")).join(_condition(c, me, themes) for c in rule.any)
    return ", ".join(part for part in (every, some) if part)


def _condition(condition: Condition, me: Principal, themes: Mapping[int, str]) -> str:
    word = worder(me.language)
    values = [
        themes.get(v, str(v)) if condition.field == "theme" and isinstance(v, int) else str(v) for v in condition.values
    ]
    text = _("%(field)s is not %(values)s") if condition.negate else _("%(field)s is %(values)s")
    if condition.field in ("subject", "text"):
        text = _("%(field)s does not contain %(values)s") if condition.negate else _("%(field)s contains %(values)s")
    return translated(me.language, text, field=word(condition.field, "field"), values=" / ".join(values))


def _then(rule: Rule, me: Principal, teams: Mapping[int, str], themes: Mapping[int, str]) -> str:
    word, then = worder(me.language), rule.then
    said: list[tuple[str, Any]] = [
        ("theme", themes.get(then.theme) if then.theme else None),
        ("team", teams.get(then.team) if then.team else None),
        ("priority", word(then.priority, "priority") if then.priority else None),
        ("kind", word(then.kind, "kind") if then.kind else None),
        ("tags", ", ".join(then.tags) or None),
        ("skills", ", ".join(then.skills) or None),
    ]
    parts = [f"{word(name, 'field')} {value}" for name, value in said if value]
    return ", ".join([*parts, translated(me.language, _("no further rules"))] if then.stop else parts)
