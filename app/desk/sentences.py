"""Every step of a decision as one sentence, by check and outcome: what the desk says when somebody asks "why?".

`explain.py` translates it for the reader.
"""

from collections.abc import Mapping

from app.web.i18n import _

# ruff: noqa: E501 (a sentence stays on one line)

SENTENCES: Mapping[tuple[str, str], str] = {
    ("rule", "matched"): _("The rule “%(rule)s” matched: %(set)s."),
    ("rule", "failed"): _("The rule “%(rule)s” could not be used (%(error)s), so the ticket went to the fallback team."),
    ("kind", "by_rule"): _("A rule made it: %(kind)s."),
    ("theme", "by_rule"): _("The theme is %(theme)s, by a rule."),
    ("theme", "by_hand"): _("The theme is %(theme)s, set by hand."),
    ("theme", "by_hint"): _("The theme is %(theme)s: that belongs to where it came in."),
    ("theme", "unknown"): _("The theme it came with does not exist any more."),
    ("theme", "none"): _("Nothing says which theme this is about."),
    ("priority", "by_rule"): _("The priority is %(priority)s, by a rule."),
    ("priority", "by_hand"): _("The priority is %(priority)s, set by hand."),
    ("priority", "as_given"): _("The priority is %(priority)s; no rule changed it."),
    ("team", "by_rule"): _("The team is %(team)s, by a rule."),
    ("team", "by_hand"): _("The team is %(team)s, chosen by hand."),
    ("team", "by_theme"): _("The team is %(team)s, because the theme belongs to it."),
    ("team", "as_given"): _("The team stays %(team)s."),
    ("team", "fallback"): _("The team is %(team)s, which takes what nothing else decides."),
    ("team", "none"): _("Nothing names a team, and there is no fallback team."),
    ("team", "kept"): _("Is in the team %(team)s."),
    ("team", "dropped"): _("Is not in the team %(team)s."),
    ("excluded", "kept"): _("Whoever handed it over does not get it back: %(left)s left."),
    ("excluded", "dropped"): _("Handed this ticket over before."),
    ("confidentiality", "kept"): _("It is strictly confidential, for leads only: %(left)s left."),
    ("confidentiality", "dropped"): _("It is strictly confidential, and this person is no lead of the team."),
    ("mandate", "kept"): _("Has a mandate for this channel account and theme: %(left)s left."),
    ("mandate", "dropped"): _("Has no mandate for this channel account and theme."),
    ("skills", "kept"): _("Has the skills asked for (%(skills)s): %(left)s left."),
    ("skills", "dropped"): _("Does not have all skills asked for (%(skills)s)."),
    ("language", "kept"): _("Speaks the language (%(language)s): %(left)s left."),
    ("language", "dropped"): _("Does not speak the language (%(language)s)."),
    ("language", "not_served"): _("We do not answer in this language (%(language)s), so no speaker was looked for."),
    ("hours", "kept"): _("Is at work by the working hours: %(left)s left."),
    ("hours", "dropped"): _("Is not at work by the working hours."),
    ("presence", "kept"): _("Is available right now: %(left)s left."),
    ("presence", "dropped"): _("Was not available at that moment."),
    ("room", "kept"): _("Has room left for one more: %(left)s left."),
    ("room", "dropped"): _("Had no room left for one more."),
    ("push_limit", "kept"): _("Has fewer than %(limit)s in hand: %(left)s left."),
    ("push_limit", "dropped"): _("Already had %(limit)s in hand."),
    ("owner", "preferred"): _("It came back to %(agent)s, who had it before."),
    ("owner", "passed_over"): _("%(agent)s had it before but cannot have it now: %(check)s."),
    ("preference", "only_one"): _("%(agent)s was the only one left."),
    ("preference", "knows_contact"): _("%(agent)s answered this contact last."),
    ("preference", "least_loaded"): _("%(agent)s had the least work in hand (%(load)s%% of what fits)."),
    ("preference", "longest_idle"): _("%(agent)s was among those with the least work (%(load)s%%) and waited longest for a ticket."),
    ("preference", "lowest_id"): _("%(agent)s was equal to others in everything (%(load)s%%); the order of the list decided."),
    ("nobody", "team"): _("Nobody is in the team %(team)s. What would change that: add people to it."),
    ("nobody", "excluded"): _("Everybody left has handed it over. What would change that: somebody else joins, or one of them takes it."),
    ("nobody", "confidentiality"): _("No lead is left. What would change that: a lead joins, or the ticket becomes less confidential."),
    ("nobody", "mandate"): _("Nobody left has the mandate. What would change that: give it to somebody in the team."),
    ("nobody", "skills"): _("Nobody left has these skills: %(skills)s. What would change that: somebody with them joins the team."),
    ("nobody", "language"): _("Nobody left speaks the language (%(language)s). What would change that: a speaker joins the team."),
    ("nobody", "hours"): _("Nobody left is at work. What would change that: the first comes in %(next)s."),
    ("nobody", "presence"): _("%(agents)s people are at work but none is available. What would change that: one of them sets “available”."),
    ("nobody", "room"): _("Nobody left has room. What would change that: somebody finishes a ticket."),
    ("nobody", "push_limit"): _("Everybody left has their hands full (%(limit)s each). What would change that: somebody finishes one, or takes it."),
    ("queue", "next"): _("It waits in the queue of %(team)s, where people take the next one; %(could_take)s could take it at that moment."),
    ("queue", "waits"): _("It waits in the queue of %(team)s until something of this changes."),
    ("queue", "no_team"): _("It waits among the unassigned."),
    ("agent", "unknown"): _("This colleague does not exist."),
    ("engine", "failed"): _("The routing broke on this ticket (%(error)s): it waits in the queue of the fallback team."),
}  # fmt: skip

CHECK_NAMES: Mapping[str, str] = {
    "team": _("not in the team"),
    "excluded": _("handed it over"),
    "confidentiality": _("confidential"),
    "mandate": _("no mandate"),
    "skills": _("skills"),
    "language": _("language"),
    "hours": _("not at work"),
    "presence": _("not available"),
    "room": _("no room left"),
    "push_limit": _("hands full"),
}

ANSWERS: Mapping[str, str] = {
    "assigned_me": _("You have this ticket because you were the best fit of those who could take it."),
    "assigned": _("%(agent)s got this ticket as the best fit of those who could take it."),
    "queued": _("Nobody got this ticket: it waits in the queue of %(team)s."),
    "unassigned": _("Nobody got this ticket: nothing says which team it is for."),
    "by_hand": _("%(agent)s has this ticket because a colleague chose so, not the routing."),
    "taken_me": _("You have this ticket because you took it yourself."),
    "by_hand_me": _("You have this ticket because a colleague chose so, not the routing."),
    "undecided": _("The routing has not looked at this ticket yet."),
}
