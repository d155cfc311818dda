"""Who asks: an employee at the desk, a program with a token, or the system itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import Forbidden
from app.vocabulary import Language, Role, Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """What every verb and list is asked by.

    `agent_id` is None for a site's server and for the system. An agent at the desk has every scope: what they may do is
    decided by role, teams and mandates. A token has its own scopes on top of those of the agent that it acts as.
    """

    agent_id: int | None
    name: str
    role: Role
    language: Language = Language.DUTCH
    team_ids: frozenset[int] = frozenset()
    led_team_ids: frozenset[int] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    token_id: int | None = None
    site_id: int | None = None
    preferences: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_admin(self) -> bool:
        """Whether they run the installation."""
        return self.role is Role.ADMIN

    def leads(self, team_id: int | None) -> bool:
        """Whether they balance the work of this team."""
        return self.is_admin or (team_id is not None and team_id in self.led_team_ids)

    def requires(self, scope: Scope) -> None:
        """Raise `Forbidden` unless `scope` is among theirs."""
        if scope not in self.scopes:
            raise Forbidden("scope_missing", f"Ask an administrator for a token with the scope {scope}.")


SYSTEM = Principal(agent_id=None, name="Weerklank", role=Role.ADMIN, scopes=frozenset(Scope))
