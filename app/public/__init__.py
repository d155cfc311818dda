"""Citizens' pages, without signing in: comment forms, receipts, status, published answers; and where services push to us."""

from fastapi import APIRouter

from app.public import assets, comments, example, form, hooks, pages, polls, published, receipts, status

router = APIRouter(include_in_schema=False)
for part in (assets, comments, example, form, hooks, pages, polls, published, receipts, status):
    router.include_router(part.router)
