"""A reader that is gone in the middle of an answer: nobody is left to tell, and it is no error. Everything else still is."""

from typing import Any

import pytest
from anyio import BrokenResourceError
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.errors import Errors
from tests.loop import alone

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/api/x", "headers": [], "query_string": b""}


def answering(error: BaseException, started: bool) -> ASGIApp:
    """An application whose answer ends so, begun or not."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if started:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return application


def asked(application: ASGIApp) -> list[Any]:
    """What is sent to somebody who asks."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        await Errors(application)(dict(SCOPE), receive, send)

    alone(ask)
    return sent


GONE = [
    BrokenResourceError(),
    BaseExceptionGroup("a", [BrokenResourceError()]),
    ExceptionGroup("a", [ExceptionGroup("b", [BrokenResourceError(), BrokenResourceError()]), BrokenResourceError()]),
]


@pytest.mark.parametrize("error", GONE, ids=["alone", "in a group", "in groups"])
def test_a_reader_that_is_gone_is_no_error(error: BaseException) -> None:
    assert [message["type"] for message in asked(answering(error, started=True))] == ["http.response.start"]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("x"), ExceptionGroup("a", [BrokenResourceError(), RuntimeError("x")])],
    ids=["alone", "beside one"],
)
def test_what_goes_wrong_in_the_middle_of_an_answer_is_still_heard_of(error: Exception) -> None:
    with pytest.raises((RuntimeError, ExceptionGroup)):
        asked(answering(error, started=True))


def test_before_the_answer_began_it_is_an_answer() -> None:
    assert asked(answering(BrokenResourceError(), started=False))[0]["status"] == 500
