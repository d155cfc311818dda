"""The routing rules told a second time, plainly: every rule asked, every agent asked, no bits, no index, no shortcuts."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.rules import Condition, Effects, Rule
from app.routing.staff import Agent, Staff
from app.routing.week import covers, parse_week
from app.routing.world import AgentNow, Moment
from app.vocabulary import Confidentiality, MandateLevel, Presence, Priority, TeamMode

Placed = tuple[int | None, Priority, int | None, tuple[str, ...], frozenset[str]]
FAR = 10**15


def place(ticket: TicketFacts, staff: Staff, policy: Policy) -> Placed:
    """Theme, priority, team, skills and tags after the rules."""
    values: dict[str, Any] = {
        "theme": ticket.theme_id,
        "priority": ticket.priority,
        "team": ticket.team_id,
        "kind": ticket.kind,
    }
    skills, tags, decided, failed = set(ticket.skills), set(ticket.tags), set(ticket.fixed), False
    for rule in policy.rules:
        try:
            for condition in (*rule.all, *rule.any):
                _understand(condition)
            if not _matches(rule, ticket, {**values, "tags": tags}, staff):
                continue
            _understand_effects(rule.then, staff)
        except ValueError:
            failed = True
            break
        for name in ("theme", "priority", "team", "kind"):
            value = getattr(rule.then, name)
            if value is not None and name not in decided:
                decided.add(name)
                values[name] = value
        tags.update(rule.then.tags)
        skills.update(rule.then.skills)
        if rule.then.stop:
            break
    themes = {theme.id: theme.team_id for theme in staff.themes}
    theme = values["theme"] if values["theme"] in themes else None
    by_hand = "team" in ticket.fixed
    by_rule = "team" in decided and not by_hand
    candidates = [
        ticket.team_id if by_hand else None,
        staff.fallback_team if failed else None,
        values["team"] if by_rule else None,
        themes.get(theme) if theme else None,
        ticket.team_id,
        staff.fallback_team,
    ]
    known = [team for team in candidates if team in {team.id for team in staff.teams}]
    team = known[0] if known else None
    return theme, Priority(values["priority"]), team, tuple(sorted(skills)), frozenset(tags)


def candidates(ticket: TicketFacts, staff: Staff, moment: Moment, policy: Policy) -> list[Agent]:
    """Who could have the ticket pushed right now."""
    theme, _, team, skills, _ = place(ticket, staff, policy)
    limits = {team.id: team.push_limit for team in staff.teams if team.mode is TeamMode.PUSH}
    now = {agent.id: agent for agent in moment.agents}
    return [
        agent
        for agent in sorted(staff.agents, key=lambda agent: agent.id)
        if team in agent.teams
        and agent.id not in ticket.excluded
        and (ticket.confidentiality is not Confidentiality.STRICT or team in agent.leads or agent.id == ticket.owner_id)
        and _mandated(agent, ticket, theme, staff)
        and set(skills) <= set(agent.skills)
        and (ticket.language not in staff.languages or ticket.language in agent.languages)
        and _at_work(agent, moment.now, staff)
        and agent.id in now
        and now[agent.id].presence is Presence.AVAILABLE
        and (ticket.weight == 0 or now[agent.id].load + ticket.weight <= agent.capacity)
        and now[agent.id].committed < limits.get(team or 0, FAR)
    ]


def choose(ticket: TicketFacts, staff: Staff, moment: Moment, policy: Policy) -> int | None:
    """The agent, or None."""
    left = candidates(ticket, staff, moment, policy)
    team = place(ticket, staff, policy)[2]
    if ticket.owner_id in [agent.id for agent in left]:
        return ticket.owner_id
    if not left or {t.id: t.mode for t in staff.teams}[team or 0] is TeamMode.NEXT:
        return None
    now = {agent.id: agent for agent in moment.agents}

    def worth(agent: Agent) -> tuple[bool, int, float, int]:
        return agent.id != ticket.contact_agent_id, _percent(agent, now[agent.id]), _idle(now[agent.id]), agent.id

    return min(left, key=worth).id


def _percent(agent: Agent, now: AgentNow) -> int:
    return now.load * 100 // max(1, agent.capacity)


def _idle(now: AgentNow) -> float:
    return now.idle_since.timestamp() if now.idle_since else -FAR


def _mandated(agent: Agent, ticket: TicketFacts, theme: int | None, staff: Staff) -> bool:
    return any(
        (mandate.agent_id == agent.id or (mandate.team_id is not None and mandate.team_id in agent.teams))
        and mandate.account_id in (None, ticket.account_id)
        and (mandate.theme_id is None or mandate.theme_id == theme)
        and mandate.level is not MandateLevel.READ
        for mandate in staff.mandates
    )


def _at_work(agent: Agent, now: datetime, staff: Staff) -> bool:
    local = now.astimezone(ZoneInfo(staff.zone))
    if agent.hours is not None and (local.date() in staff.holidays or not covers(agent.hours, local)):
        return False
    return not any(away.start <= now < (away.end or now + timedelta(days=1)) for away in agent.leave)


def _understand(condition: Condition) -> None:
    if condition.field == "hours":
        parse_week([str(value) for value in condition.values])


def _understand_effects(then: Effects, staff: Staff) -> None:
    if then.theme is not None and then.theme not in [theme.id for theme in staff.themes]:
        raise ValueError("theme")
    if then.team is not None and then.team not in [team.id for team in staff.teams]:
        raise ValueError("team")


def _matches(rule: Rule, ticket: TicketFacts, values: dict[str, Any], staff: Staff) -> bool:
    def holds(condition: Condition) -> bool:
        return (
            any(_has(condition.field, value, ticket, values, staff) for value in condition.values) != condition.negate
        )

    return all(map(holds, rule.all)) and (not rule.any or any(map(holds, rule.any)))


def _has(field: str, value: object, ticket: TicketFacts, values: dict[str, Any], staff: Staff) -> bool:
    texts = {"text": (ticket.subject, ticket.text), "subject": (ticket.subject,)}
    if field in texts:
        return any(f" {value} " in f" {text} " for text in texts[field])
    if field == "sender_domain":
        return f".{ticket.sender_domain}".endswith(f".{value}")
    if field == "hours":
        return covers(parse_week([str(value)]), ticket.received_at.astimezone(ZoneInfo(staff.zone)))
    if field == "tag":
        return value in values["tags"]
    facts = {"account": ticket.account_id, "public": ticket.is_public, **values}
    return bool((facts[field] if field in facts else getattr(ticket, field)) == value)
