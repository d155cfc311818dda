"""What a bench says on standard output."""

import json

import pytest

from tests.servers.weerklank import run


@pytest.mark.chaos
def test_the_figures_in_json_are_all_that_stands_on_standard_output() -> None:
    done = run(["bench", "idle", "--quick", "--json"], {})
    figures = json.loads(done.stdout)
    assert {figure["name"] for figure in figures} == {"serve, resident memory", "serve, processor"}
    assert done.returncode == (0 if all(figure["kept"] for figure in figures) else 1)
