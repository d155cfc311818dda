"""`openapi.json`: what the API is, written by its own routes, after the NLGov API Design Rules.

Public and readable from every website. FastAPI's "422 Validation Error" is left out, since invalid input is 400 here, and
the paths stand below the server's address `/api/v1`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.constants import REF_TEMPLATE
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse

from app.api.schemas.problem import Problem
from app.web.headers import API_VERSION

router = APIRouter()
BASE = "/api/v1"
CONTACT = {
    "name": "Weerklank",
    "email": "weerklank@voorbeeldstad.example",
    "url": "https://weerklank.voorbeeldstad.example",
}
DESCRIPTION = """Every reaction of the public as a ticket, with what was said, who answers and why.

Errors are `application/problem+json` (RFC 9457) with a stable `code`; invalid input is 400 with all errors at once. Changes
carry `If-Match` with the ETag that was last seen; creating may carry `Idempotency-Key`. Lists are pages: give `next` back as
`after`. No personal data stands in an address: search by POST."""


def problems(words: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """What a router says of the errors that each of its routes may answer: what every status means.

    The schema stands by reference: given a model, FastAPI makes a validator for each status of each route, nearly 10 MB that
    it never uses.
    """
    content = {"application/problem+json": {"schema": {"$ref": REF_TEMPLATE.format(model=Problem.__name__)}}}
    return {status: {"description": meaning, "content": content} for status, meaning in words.items()}


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """The description of this API."""
    described = description(request.app)
    return JSONResponse(described, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"})


@cache
def description(app: Any) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    made = get_openapi(
        title="Weerklank",
        version=API_VERSION,
        summary="Back office for the public's reactions",
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": BASE, "description": "This installation"}],
    )
    made["info"]["contact"] = CONTACT  # FastAPI would want another library, to check this one address
    made["paths"] = {path.removeprefix(BASE): _pruned(item) for path, item in made["paths"].items()}
    schemas = made["components"]["schemas"]
    schemas |= models_json_schema([(Problem, "serialization")], ref_template=REF_TEMPLATE)[1]["$defs"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return made


def _pruned(item: dict[str, Any]) -> dict[str, Any]:
    for operation in item.values():
        operation["responses"].pop("422", None)
        for response in operation["responses"].values():
            response.setdefault("headers", {})["API-Version"] = {"schema": {"type": "string"}}
    return item
