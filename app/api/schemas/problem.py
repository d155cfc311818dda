"""The answer to everything that goes wrong (RFC 9457, application/problem+json)."""

from pydantic import Field

from app.web.strict import Told


class FieldProblem(Told):
    """One thing that is wrong with what was sent; all of them are told at once."""

    field: str
    code: str
    fix: str


class Problem(Told):
    """`code` is stable and for programs, `detail` says in a sentence how to fix it."""

    status: int
    title: str
    detail: str
    code: str
    errors: list[FieldProblem] = Field(default_factory=list)
    incident: str = ""
