"""A poll's pages: the form, what is said when there is none, the result."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from app.errors import Fault
from app.polls.poll import View
from app.polls.result import Result
from app.polls.vote import Given
from app.public.assets import asset
from app.web import poll_words
from app.web.i18n import _, language_of, translated
from app.web.templates import page

# Why a vote is counted apart, as its voter reads it.
APART_YOU = {
    "repeat": _("A vote was cast with this invitation or from this browser before. Yours is kept and counted apart."),
    "burst": _("Very many votes came from your network in a short time. Yours is kept and counted apart."),
    "trap_filled": _(
        "A field that people do not see was filled in, which programs do. Your vote is kept and counted apart."
    ),
    "after_closing": _("Your vote came just after the poll was closed. It is kept and counted apart."),
}


def form(
    request: Request, poll: View, address: str, *, given: Given | None = None, faults: Sequence[Fault] = (),
    preview: bool = False, used: bool = False,
) -> Response:  # fmt: skip
    """The questions. With `faults` it comes back as it was filled in; `used` tells that this voter has voted before."""
    language = language_of(request)
    context = {
        **_plain(request, poll),
        "given": given or Given(secrets.token_hex(12)),
        "faults": {fault.field: translated(language, fault.fix) for fault in faults},
        "address": address,
        "preview": preview,
        "used": used,
        "asks_openly": any(question.open for question in poll.asked),
    }
    return _page(request, poll, "public/poll.html", context, 400 if faults else 200)


def said(request: Request, poll: View, heading: str, text: str, *, status: int = 200, again: str = "") -> Response:
    """A page that says one thing. `again` is where somebody else in the house may vote all the same."""
    language = language_of(request)
    context = {
        **_plain(request, poll), "heading": translated(language, heading), "text": translated(language, text), "again": again,
    }  # fmt: skip
    return _page(request, poll, "public/poll_said.html", context, status)


def thanks(request: Request, poll: View, apart: str, links: Sequence[str]) -> Response:
    """Received; whether it counts; and where answers to written answers will stand."""
    language = language_of(request)
    apart_you = translated(language, APART_YOU[apart]) if apart in APART_YOU else ""
    return _page(
        request, poll, "public/poll_thanks.html", {**_plain(request, poll), "apart": apart_you, "links": links}
    )


def outcome(request: Request, poll: View, result: Result) -> Response:
    """The result with both counts."""
    context = {**_plain(request, poll), "result": result, "apart": poll_words.apart(result, language_of(request))}
    return _page(request, poll, "public/poll_result.html", context)


def _plain(request: Request, poll: View) -> dict[str, Any]:
    language = language_of(request)
    return {
        "asset": asset, "poll": poll, "title": poll.title(language), "intro": poll.intro(language),
        "answer": poll.answer(language), "framed": "framed" in request.query_params, "spoken": language, "query": _kept(request),
    }  # fmt: skip


def _kept(request: Request) -> str:
    """What of the address a change of language keeps."""
    kept = {name: request.query_params[name] for name in ("framed", "preview", "again") if name in request.query_params}
    return f"?{urlencode(kept)}&" if kept else "?"


def _page(request: Request, poll: View, name: str, context: Mapping[str, Any], status: int = 200) -> Response:
    return page(request, name, context, status=status, headers=_headers(poll))


def _headers(poll: View) -> Mapping[str, str]:
    """The websites that the poll names, and no others, may show it in a frame."""
    ancestors = " ".join(["'self'", *poll.origins])
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {ancestors}"
    )
    return {
        "Content-Security-Policy": policy, "X-Frame-Options": "", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "",
    }  # fmt: skip
