"""What became of a call of ours: at whose end it ended, how, and whether a machine picked up. Pure.

A call has two legs: the employee's telephone rings first, then the citizen's. That the employee's was answered says nothing
of the citizen's. What is pushed and what is read back make the same raw item, so that either may come first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.channels.contract import DeliveryReport, RawItem, Unreadable
from app.channels.phone.backfill import Row, item, word
from app.channels.phone.pushed import FORM, Fields

EMPLOYEE, CITIZEN = "employee", "citizen"
STATUS, MACHINE, NOBODY = "status", "machine", "nobody"
"""What is told: how a leg ended, what picked up at the citizen's, and that nobody pressed a key at our own."""

NEVER_HAPPENED = frozenset({"busy", "no-answer", "failed", "canceled"})
COMPLETED = "completed"

SAID: Mapping[str, str] = {
    "employee_busy": "The colleague's own telephone was busy.",
    "employee_no_answer": "The colleague's own telephone was not picked up.",
    "employee_failed": "The colleague's own telephone could not be reached.",
    "employee_canceled": "The call was broken off.",
    "citizen_busy": "The citizen's line was busy.",
    "citizen_no_answer": "The citizen did not pick up.",
    "citizen_failed": "The citizen's number could not be reached.",
    "citizen_canceled": "The call was broken off before the citizen picked up.",
    "citizen_machine": "An answering machine picked up.",
}
"""A sentence per code; the desk has each of them in both languages."""


def pushed(step: str, fields: Fields, query: Mapping[str, str], body: bytes) -> Sequence[RawItem]:
    """The item of a callback, when it says how the call ended or who picked up."""
    leg, sid = query.get("leg", ""), fields["CallSid"]
    meta = {"step": step, "leg": leg, "delivery": query.get("delivery", "")}
    if step == MACHINE:
        return (RawItem(f"machine:{sid}", body, FORM, meta),) if _machine(fields.get("AnsweredBy", "")) else ()
    if step == NOBODY:
        return (RawItem(f"nobody:{sid}", body, FORM, meta),)
    status = fields.get("CallStatus", "")
    return (RawItem(f"status:{sid}:{status}", body, FORM, meta),) if _tells(leg, status) else ()


def went_out(row: Row) -> Sequence[RawItem]:
    """The items of a call that was read back, under the keys that its callbacks have."""
    sid, status = str(row["sid"]), word(row, "status")
    ended = (item(f"status:{sid}:{status}", row, STATUS),) if _tells(_leg(row), status) else ()
    machine = _leg(row) == CITIZEN and _machine(word(row, "answered_by"))
    return (item(f"machine:{sid}", row, MACHINE), *ended) if machine else ended


def told(fields: Fields, meta: Mapping[str, str]) -> DeliveryReport:
    """What a callback told, about the delivery whose key it carries and its first call. Raises `Unreadable`."""
    if not fields.get("CallSid"):
        raise Unreadable("a call without its id")
    name = fields.get("ParentCallSid") or fields["CallSid"]
    told_by_step = {MACHINE: (CITIZEN, MACHINE), NOBODY: (EMPLOYEE, "no-answer")}
    ended = (meta.get("leg", CITIZEN), fields.get("CallStatus", ""))
    return replace(_report(name, *told_by_step.get(meta.get("step", ""), ended)), key=meta.get("delivery", ""))


def read(row: Row, what: str) -> DeliveryReport:
    """What a row tells, about the call that we made: the employee's leg, of which the citizen's is a child."""
    name = word(row, "parent_call_sid") or str(row["sid"])
    return _report(name, _leg(row), MACHINE if what == MACHINE else word(row, "status"))


def _report(name: str, leg: str, status: str) -> DeliveryReport:
    if status == COMPLETED:
        return DeliveryReport(name, "delivered")
    code = f"{leg}_{status.replace('-', '_')}"
    if code not in SAID:
        raise Unreadable("a status that says nothing")
    return DeliveryReport(name, "failed", code=code, detail=SAID[code])


def _tells(leg: str, status: str) -> bool:
    return status in NEVER_HAPPENED if leg == EMPLOYEE else leg == CITIZEN and status in NEVER_HAPPENED | {COMPLETED}


def _leg(row: Row) -> str:
    return CITIZEN if word(row, "parent_call_sid") else EMPLOYEE


def _machine(answered_by: str) -> bool:
    """`machine_start`, `machine_end_beep`, `fax`, …; neither `human` nor `unknown`."""
    return answered_by.startswith(("machine", "fax"))
