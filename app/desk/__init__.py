"""Staff's pages: server-rendered, working without script, made quicker and livelier by small modules of our own.

A route reads or calls one verb of `app.tickets` and shows a page (`frame.show`) or goes to one (`frame.go`).
"""

from fastapi import APIRouter

from app.desk import accounts, assets, me, queues, sign_in, stream, ticket

router = APIRouter()
for part in (assets, sign_in, me, stream, accounts, queues, ticket):
    router.include_router(part.router)
