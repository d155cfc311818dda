"""Secret keys: made once, rotated, and never shown."""

import base64
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.settings import Settings, new_key
from app.storage.keys import Keys, load_keys

ROOT = Path(__file__).parent.parent.parent
OLD, NEW = b"o" * 32, b"n" * 32


def test_a_key_is_made_once_and_only_we_can_read_it(settings: Settings) -> None:
    sealed = load_keys(settings).fernet.encrypt(b"wachtwoord")
    assert load_keys(settings).fernet.decrypt(sealed) == b"wachtwoord"
    assert S_IMODE((settings.data / "secret.key").stat().st_mode) == 0o600


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.settings import Settings; from app.storage.keys import load_keys;"
        "from app import log; log.configure('ERROR');"
        "print(load_keys(Settings(data=Path(sys.argv[1]))).sign('proef', 'tekst'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = {process.communicate(timeout=30)[0] for process in started}
    assert len(said) == 1
    assert len(said.pop().strip()) == 26


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, both = Keys([OLD]), Keys([NEW, OLD])
    assert both.fernet.decrypt(old.fernet.encrypt(b"geheim")) == b"geheim"
    with pytest.raises(InvalidToken):
        old.fernet.decrypt(both.fernet.encrypt(b"geheim"))


def test_a_signature_of_an_old_key_holds_until_that_key_is_gone() -> None:
    signature = Keys([OLD]).sign("reply", "17")
    assert Keys([NEW, OLD]).verify("reply", "17", signature)
    assert not Keys([NEW]).verify("reply", "17", signature)


@given(st.text(), st.text())
def test_a_signature_is_26_small_letters_and_holds_for_its_text_and_purpose_alone(text: str, other: str) -> None:
    keys = Keys([OLD])
    signature = keys.sign("reply", text)
    assert len(signature) == 26
    assert set(signature) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert keys.verify("reply", text, signature)
    assert keys.verify("reply", text, signature.upper())
    assert not keys.verify("status", text, signature)
    assert keys.verify("reply", other, signature) == (other == text)


@given(st.text())
def test_whatever_somebody_sends_as_a_signature_is_simply_wrong(garbage: str) -> None:
    assert not Keys([OLD]).verify("reply", "17", garbage)


def test_keys_of_the_environment_are_used_in_either_base64() -> None:
    plain = base64.b64encode(b"\xff" * 32).decode()
    urlsafe = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    settings = Settings.read({"WEERKLANK_SECRET_KEYS": f"{new_key()}, {plain}"})
    one = load_keys(Settings.read({"WEERKLANK_SECRET_KEYS": urlsafe}))
    assert load_keys(settings).verify("reply", "17", one.sign("reply", "17"))


@pytest.mark.parametrize(
    "wrong", ["kort", "é" * 44, base64.b64encode(b"x" * 31).decode(), "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=,"]
)
def test_a_wrong_key_is_refused_without_being_repeated(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        load_keys(Settings.read({"WEERKLANK_SECRET_KEYS": wrong}))
    assert refused.value.faults[0].field == "WEERKLANK_SECRET_KEYS"
    assert "32 random bytes" in refused.value.faults[0].fix
    assert wrong not in str(refused.value) + str(refused.value.faults)


def test_a_damaged_key_file_is_refused_and_left_alone(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "secret.key").write_text("half\n")
    with pytest.raises(Invalid):
        load_keys(settings)
    assert (settings.data / "secret.key").read_text() == "half\n"
