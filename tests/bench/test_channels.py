"""The bench of the channels, at a small size: that everything is read, in little memory, and every account in turn."""

import pytest

from app.bench import channels
from app.channels.registry import KINDS
from app.settings import Settings
from tests.emulators.services import services


@pytest.mark.chaos
def test_every_emulated_channel_is_read_to_the_end_in_constant_memory(settings: Settings) -> None:
    figures = channels.run(settings, quick=True)
    present = {kind.key for kind in KINDS}
    read = [figure for figure in figures if figure.name.endswith("reactions read")]
    assert {figure.name.partition(",")[0] for figure in read} == {s.kind for s in services() if s.kind in present}
    for figure in figures:
        # The ratio is a promise about a quiet machine, and for the full size; the rest holds anywhere.
        assert figure.kept or figure.unit == "x", figure


def test_a_service_that_is_listed_is_a_kind_that_exists_and_takes_its_settings() -> None:
    kinds = {kind.key: kind for kind in KINDS}
    for service in services():
        made = kinds[service.kind].settings.model_validate(service.settings("http://127.0.0.1:1"))
        assert "127.0.0.1:1" in made.model_dump_json()


def test_every_kind_with_an_outside_service_has_an_emulator() -> None:
    own = {"mail", "comments.form", "polls.own", "phone.by_hand"}  # ours, or with a real server in the tests
    assert {kind.key for kind in KINDS} - own == {service.kind for service in services()}
