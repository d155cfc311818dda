"""Twilio's interface as far as we use it, over an emulated account, with its failures (`faults`).

Written after twilio.com/docs (messaging/api, voice/api, usage/security). Proven with Twilio's own client and its
RequestValidator in `test_twilio_client.py`. The page at `/` shows what passed, for people.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Faulty
from tests.emulators.page import Shown, page
from tests.emulators.run import serve
from tests.emulators.twilio_state import NUMBER, PAGE, SID, TOKEN, Twilio


@contextmanager
def twilio(state: Twilio | None = None, port: int = 0) -> Iterator[tuple[Twilio, Faulty]]:
    """An account with its interface running; `state.url` is where."""
    state = state or Twilio()
    faulty = Faulty(Interface(state).app())
    with serve(faulty, port) as url:
        state.url = url
        yield state, faulty


class Interface:
    """The REST interface of one account."""

    def __init__(self, state: Twilio) -> None:
        self.state = state

    def app(self) -> Starlette:
        """The ASGI application."""
        base = PAGE.format(account="{account}")
        routes = [
            Route("/", self._page),
            Route(f"{base}/Messages.json", self._make_message, methods=["POST"]),
            Route(f"{base}/Messages.json", self._list_messages),
            Route(f"{base}/Messages/{{message}}/Media.json", self._list_media),
            Route(f"{base}/Calls.json", self._make_call, methods=["POST"]),
            Route(f"{base}/Calls.json", self._list_calls),
            Route(f"{base}/Calls/{{call}}.json", self._one_call),
            Route(f"{base}/Recordings.json", self._list_recordings),
            Route(f"{base}/IncomingPhoneNumbers.json", self._list_numbers),
            Route(f"{base}.json", self._account),
            Route("/elsewhere/{path:path}", self._elsewhere),
            Route("/{path:path}", self._file),
        ]
        return Starlette(routes=routes)

    async def _account(self, request: Request) -> Response:
        return self._answer(
            request, lambda _: {"sid": SID, "status": self.state.status, "friendly_name": "Voorbeeldstad"}
        )

    async def _make_message(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}

        def make(_: Request) -> dict[str, Any] | Response:
            if fault := self._fault(form):
                return fault
            row = self.state.message(
                self.state.sid("SM"), form["From"], form["To"], form["Body"], "outbound-api", "queued"
            )
            row["status_callback"] = form.get("StatusCallback", "")
            return row

        return self._answer(request, make, 201)

    async def _make_call(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}

        def make(_: Request) -> dict[str, Any] | Response:
            if fault := self._fault(form):
                return fault
            row = self.state.call(self.state.sid("CA"), form["From"], form["To"], "outbound-api", "queued")
            row |= {"status_callback": form.get("StatusCallback", ""), "twiml": form.get("Twiml", "")}
            return row

        return self._answer(request, make, 201)

    async def _list_messages(self, request: Request) -> Response:
        return self._answer(
            request, lambda r: self._listed(r, "messages", self.state.messages, "DateSent", "date_sent")
        )

    async def _list_calls(self, request: Request) -> Response:
        return self._answer(request, lambda r: self._listed(r, "calls", self.state.calls, "StartTime", "start_time"))

    async def _one_call(self, request: Request) -> Response:
        def find(_: Request) -> dict[str, Any] | Response:
            wanted = request.path_params["call"]
            found = next((row for row in self.state.calls if row["sid"] == wanted), None)
            return _public(found) if found is not None else _problem(404, 20404, "not found")

        return self._answer(request, find)

    async def _list_recordings(self, request: Request) -> Response:
        rows = self.state.recordings
        return self._answer(request, lambda r: self._listed(r, "recordings", rows, "DateCreated", "date_created"))

    async def _list_media(self, request: Request) -> Response:
        rows = self.state.media.get(request.path_params["message"], [])
        return self._answer(request, lambda r: {"media_list": rows, "next_page_uri": None})

    async def _list_numbers(self, request: Request) -> Response:
        row = {
            "sid": "PN" + "0" * 32,
            "phone_number": NUMBER,
            "sms_url": self.state.sms_url,
            "voice_url": self.state.voice_url,
        }
        found = [row] if request.query_params.get("PhoneNumber", NUMBER) == NUMBER else []
        return self._answer(request, lambda _: {"incoming_phone_numbers": found, "next_page_uri": None})

    async def _file(self, request: Request) -> Response:
        """A recording needs our secret; what it is stored as elsewhere must not be asked with it."""
        if not _known(request):
            return _problem(401, 20003, "Authenticate")
        path = "/" + request.path_params["path"]
        if path not in self.state.files:
            return _problem(404, 20404, "not found")
        if self.state.stored_elsewhere:
            return RedirectResponse(f"/elsewhere{path}", 307)
        return Response(self.state.files[path], media_type="audio/mpeg")

    async def _elsewhere(self, request: Request) -> Response:
        return Response(self.state.files["/" + request.path_params["path"]])

    def _listed(
        self, request: Request, name: str, rows: Sequence[dict[str, Any]], day_field: str, moment_field: str
    ) -> dict[str, Any]:
        asked = request.query_params
        with self.state.lock:
            found = [row for row in reversed(rows) if _fits(row, asked, day_field, moment_field)]
        size, page = int(asked.get("PageSize", "50")), int(asked.get("Page", "0"))
        part = found[page * size : (page + 1) * size]
        following = None
        if len(found) > (page + 1) * size:
            query = {**asked, "PageSize": str(size), "Page": str(page + 1), "PageToken": "PA" + part[-1]["sid"]}
            following = f"{request.url.path}?{urlencode(query)}"
        shown = [_public(row) for row in part]
        return {name: shown, "page": page, "page_size": size, "next_page_uri": following, "uri": request.url.path}

    def _fault(self, form: Mapping[str, str]) -> Response | None:
        code = self.state.refused.get(form.get("To", ""))
        if code is not None:
            return _problem(400, code, "The 'To' number cannot be reached")
        return None if form.get("From") == NUMBER else _problem(400, 21606, "The 'From' number is not yours")

    def _answer(
        self, request: Request, work: Callable[[Request], dict[str, Any] | Response], status: int = 200
    ) -> Response:
        if not _known(request):
            return _problem(401, 20003, "Authenticate")
        found = work(request)
        return found if isinstance(found, Response) else JSONResponse(found, status)

    async def _page(self, request: Request) -> Response:
        """Both sides of every conversation, newest first."""
        rows = [*reversed(self.state.messages), *reversed(self.state.calls)]
        return HTMLResponse(page(f"Twilio {NUMBER}", [_shown(row) for row in rows]))


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("status_callback", "twiml")}


def _shown(row: Mapping[str, Any]) -> Shown:
    ours = row["direction"] != "inbound"
    who = f"{row['from']} → {row['to']}"
    return Shown(row["sid"], who, row.get("body", "(telefoongesprek)"), ours=ours, notes=row["status"])


def _known(request: Request) -> bool:
    given = request.headers.get("authorization", "")
    return given.startswith("Basic ") and b64decode(given[6:]) == f"{SID}:{TOKEN}".encode()


def _fits(row: Mapping[str, Any], asked: Mapping[str, str], day_field: str, moment_field: str) -> bool:
    if any(name in asked and row[key] != asked[name] for name, key in (("To", "to"), ("From", "from"))):
        return False
    if "ParentCallSid" in asked and row.get("parent_call_sid") != asked["ParentCallSid"]:
        return False
    moment = datetime.strptime(row[moment_field], "%a, %d %b %Y %H:%M:%S %z")
    if day_field in asked and moment.date().isoformat() != asked[day_field][:10]:
        return False
    after, before = asked.get(f"{day_field}>"), asked.get(f"{day_field}<")
    return not (after and moment.date().isoformat() < after[:10]) and not (
        before and moment.date().isoformat() > before[:10]
    )


def _problem(status: int, code: int, message: str) -> Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)
