"""Calling a service: what can only be tried with a real socket, and what a written call makes of each answer."""

import ssl
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from starlette.applications import Starlette

from app.channels.contract import Refused, Uncertain, Unreachable
from app.channels.social.api import Api, bearer
from app.channels.social.brake import Brake
from app.clock import now
from app.fetch import Fetched, FetchError, fetch
from tests.servers.certificates import make_certificates
from tests.until import until


class Answers:
    """A service that gives one answer to everything, and remembers how it was asked."""

    def __init__(self, answer: Fetched | FetchError) -> None:
        self._answer = answer
        self.headers: Mapping[str, str] = {}

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        deadline: float = 0, limit: int = 0, foreign: bool = True, redirects: int = 0,
    ) -> Fetched:  # fmt: skip
        self.headers = headers or {}
        if isinstance(self._answer, FetchError):
            raise self._answer
        return self._answer


def api(http: Answers) -> Api:
    return Api("Dienst", "https://api.example/", http, now, Brake(now), bearer("t"))


def said(status: int, body: bytes = b"{}", **headers: str) -> Fetched:
    return Fetched(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, body, "https://api.example/"
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(400, b'{"error": "te lang"}'), Refused),
        (said(404), Refused),
        (said(401), Unreachable),
        (said(429, retry_after="7"), Unreachable),
        (said(408), Unreachable),
        (said(302), Unreachable),
        (said(500), Uncertain),
        (said(503), Uncertain),
        (said(200, b"<html>"), Uncertain),
        (said(201, b"[" * 100_000), Uncertain),
        (FetchError("no answer", sent=True), Uncertain),
        (FetchError("no answer", sent=False), Unreachable),
    ],
)
def test_a_write_is_refused_not_arrived_or_perhaps_arrived(
    answer: Fetched | FetchError, error: type[Exception]
) -> None:
    with pytest.raises(error, match="Dienst"):
        api(Answers(answer)).post("/x", data={})


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500, 503])
def test_a_read_that_fails_is_unreachable(status: int) -> None:
    with pytest.raises(Unreachable, match="Dienst"):
        api(Answers(said(status))).get("/x")
    with pytest.raises(Unreachable):
        api(Answers(FetchError("no answer", sent=True))).get("/x")


def test_what_is_gone_is_none_where_that_is_asked() -> None:
    for status in (404, 410):
        assert api(Answers(said(status))).find("/x") is None
        assert api(Answers(said(status))).post("/x", method="DELETE", gone=True) is None
    assert api(Answers(said(200, b""))).post("/x") == {}


def test_the_token_goes_along_and_is_never_in_what_is_said() -> None:
    http = Answers(said(401))
    with pytest.raises(Unreachable) as refused:
        api(http).get("/x")
    assert http.headers["authorization"] == "Bearer t"
    assert "Bearer" not in refused.value.detail


@pytest.mark.parametrize(
    ("days", "known", "why"), [(9, False, "unable to get local issuer"), (-1, True, "certificate has expired")]
)
def test_a_certificate_that_is_not_valid_is_said_and_nothing_is_sent(
    tmp_path: Path, days: int, known: bool, why: str
) -> None:
    made = make_certificates(tmp_path, days=days)
    trusted = partial(fetch, verify=ssl.create_default_context(cafile=made.authority)) if known else fetch
    config = uvicorn.Config(
        Starlette(), host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none",
        ssl_certfile=str(made.certificate), ssl_keyfile=str(made.key),
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    api = Api("Dienst", f"https://127.0.0.1:{port}", trusted, now, Brake(now), bearer(""))
    said = f"Dienst cannot be reached: its certificate is not valid: {why}"
    with pytest.raises(Unreachable, match=said):
        api.get("/x")
    with pytest.raises(Unreachable, match=said):
        api.post("/x")
    server.should_exit = True
    thread.join(10)
