"""API tokens: whose they are, what they may do, and when they end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound
from app.identity import staff, tokens
from app.models import Agent, ApiToken, Audit
from app.vocabulary import Scope
from tests.web import made


def test_a_token_acts_as_its_agent_with_its_own_scopes(session: Session) -> None:
    team = made.team(session, "Groen")
    noor = made.person(session, "Noor", team_id=team, scopes=[Scope.TICKETS_READ])
    known = tokens.find(session, noor.token)
    assert known is not None
    assert known.principal.agent_id == noor.id
    assert known.principal.scopes == {Scope.TICKETS_READ}
    assert known.principal.team_ids == {team}
    assert known.due
    assert known.principal.token_id is not None
    tokens.touch(session, known.principal.token_id)
    again = tokens.find(session, noor.token)
    assert again is not None
    assert not again.due


@pytest.mark.parametrize("token", ["", "wk_", "wk_" + "x" * 43, "x" * 43, "wk_\ud800", "é"])
def test_a_token_that_was_never_issued_is_nobodys(session: Session, token: str) -> None:
    assert tokens.find(session, token) is None


def test_an_expired_a_revoked_and_a_disabled_agents_token_are_worth_nothing(session: Session) -> None:
    noor = made.person(session, "Noor")
    assert tokens.find(session, noor.token) is not None
    session.execute(update(ApiToken).values(expires_at=func.now() - timedelta(seconds=1)))
    assert tokens.find(session, noor.token) is None
    session.execute(update(ApiToken).values(expires_at=None))
    number = session.scalar(select(ApiToken.id).where(ApiToken.agent_id == noor.id))
    assert number is not None
    session.execute(update(Agent).where(Agent.id == noor.id).values(active=False))
    assert tokens.find(session, noor.token) is None
    session.execute(update(Agent).where(Agent.id == noor.id).values(active=True))
    tokens.revoke(session, number)
    tokens.revoke(session, number)
    assert tokens.find(session, noor.token) is None
    with pytest.raises(NotFound):
        tokens.revoke(session, 999_999)


def test_a_token_is_for_one_agent_or_one_site_and_for_something(session: Session) -> None:
    with pytest.raises(Invalid) as caught:
        tokens.issue(session, "niets", [])
    assert {fault.field for fault in caught.value.faults} == {"scopes", "agentId"}
    with pytest.raises(Invalid):
        tokens.issue(session, "te veel", [Scope.TICKETS_READ], site_id=1)


def test_a_scope_of_a_later_version_gives_nothing(session: Session) -> None:
    noor = made.person(session, "Noor", scopes=[Scope.TICKETS_READ])
    session.execute(text("UPDATE api_token SET scopes = scopes || '{everything:do}'"))
    known = tokens.find(session, noor.token)
    assert known is not None
    assert known.principal.scopes == {Scope.TICKETS_READ}


def test_staff_is_unique_and_every_change_is_written_down(session: Session) -> None:
    noor = made.person(session, "Noor")
    with pytest.raises(Conflict):
        made.person(session, "Noor")
    with pytest.raises(Invalid):
        staff.address("geen adres")
    team = made.team(session, "Groen")
    staff.add_member(session, team, noor.id)
    staff.add_member(session, team, noor.id, lead=True)
    with pytest.raises(NotFound):
        staff.add_member(session, team, 999_999)
    staff.remove_member(session, team, noor.id)
    with pytest.raises(NotFound):
        staff.remove_member(session, team, noor.id)
    actions = session.scalars(select(Audit.action).order_by(Audit.id)).all()
    assert actions[-4:] == ["team.created", "team.member_added", "team.member_added", "team.member_removed"]
