"""Staff's pages: server-rendered, working without script, made quicker and livelier by small modules of our own.

A route reads or calls one verb of `app.tickets` and shows a page (`frame.show`) or goes to one (`frame.go`).
"""

from app.desk import (
    accounts,
    act,
    assets,
    blocks,
    call_backs,
    change,
    compose,
    connect,
    decide,
    enter,
    files,
    keep,
    me,
    organisation,
    poll_invitations,
    polls,
    queues,
    rules,
    search,
    sign_in,
    site,
    stream,
    ticket,
)
from app.web.under import Under

router = Under("/desk")
# What is asked for most stands first: routes are tried one after another.
PARTS = (
    queues, ticket,
    assets, sign_in, me, stream, accounts, connect, site, call_backs, enter, act, compose, change, decide, files,
    keep, search, blocks, rules, organisation, polls, poll_invitations,
)  # fmt: skip
for part in PARTS:
    router.take_in(part.router)
