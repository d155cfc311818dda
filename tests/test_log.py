"""One JSON line for each event, whoever says it, and nobody's words in it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app import log

ADDRESS = "een.bewoner@burgers.example"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """What was logged; each test configures the log itself, since pytest changes standard error for it."""
    told = logging.getLogger().handlers[:]
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = told


def test_an_event_is_one_line_with_its_ids_level_and_time(lines: Any) -> None:
    log.configure()
    log.event("intake.admitted", account=3, ticket=17)
    (line,) = lines()
    assert (line["event"], line["account"], line["ticket"], line["level"]) == ("intake.admitted", 3, 17, "info")
    assert line["timestamp"].endswith("Z")


def test_an_error_tells_its_kind_and_place_and_never_its_message(lines: Any) -> None:
    log.configure()
    try:
        try:
            raise OSError(28, f"no space for {ADDRESS}")
        except OSError as error:
            raise ValueError(f"cannot read {ADDRESS}") from error
    except ValueError as error:
        log.trouble("intake.failed", error=error, item=5)
    (line,) = lines()
    assert [(kind["type"], kind.get("code")) for kind in line["error"]] == [("ValueError", None), ("OSError", "28")]
    assert "test_log.py" in line["error"][0]["at"][0]
    assert "burgers" not in json.dumps(line)


def test_what_a_library_says_is_a_line_of_the_same_form_without_what_it_filled_in(lines: Any) -> None:
    log.configure()
    try:
        raise ValueError(ADDRESS)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception for %s", ADDRESS)
    logging.getLogger("procrastinate.worker").info("Starting")
    (line,) = lines()
    assert (line["event"], line["library"], line["words"]) == ("library.said", "uvicorn.error", "Exception for %s")
    assert line["error"][0]["type"] == "ValueError"
    assert ADDRESS not in json.dumps(line)


def test_bound_ids_stand_in_every_line_until_they_are_cleared(lines: Any) -> None:
    log.configure()
    log.bind(request=7)
    log.event("a.b")
    log.clear()
    log.event("c.d")
    first, second = lines()
    assert (first["request"], "request" in second) == (7, False)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("jan@voorbeeldstad.example", "ja…@voorbeeldstad.example"), ("+31612345689", "+316…89"), ("112", "…")],
)
def test_an_address_is_shortened_so_that_nobody_can_write_to_it(address: str, shown: str) -> None:
    assert log.shortened(address) == shown
