"""Group 12: signed and encrypted mail."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import base64
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.sealed import signed_content
from tests.channels.mail.reading import mail, part, parts, read

INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGe\xc3\xabrgerd over de stoep"


def _signed() -> bytes:
    """A real opaque S/MIME signature over `INNER`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sanne Voorbeeld")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1))  # noqa: DTZ001  the builder takes UTC without saying so
        .not_valid_after(datetime(2036, 1, 1))  # noqa: DTZ001
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INNER).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def test_an_opaquely_signed_mail_is_read() -> None:
    raw = mail(
        base64.encodebytes(_signed()),
        content_type='application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
        content_transfer_encoding="base64",
    )
    reaction = read(raw)
    assert reaction.text == "Geërgerd over de stoep"
    assert reaction.title == "Een vraag"


def test_an_encrypted_smime_mail_says_so_and_is_kept() -> None:
    raw = mail(
        base64.encodebytes(b"\x30\x80geheim"),
        content_type='application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
        content_transfer_encoding="base64",
    )
    reaction = read(raw)
    assert reaction.text == ""
    assert reaction.advice["encrypted"] == "smime"
    assert [f.name for f in reaction.attachments] == ["smime.p7m"]


def test_a_detached_smime_signature_leaves_the_text_readable() -> None:
    raw = parts(part("text/plain", "Getekend"), part("application/pkcs7-signature; name=smime.p7s", "x"), kind="signed")
    assert read(raw).text == "Getekend"
    assert read(raw).advice["signed"] == "smime"


def test_a_pgp_signature_leaves_the_text_readable() -> None:
    raw = parts(
        part("text/plain", "Getekend"),
        part("application/pgp-signature", "-----BEGIN PGP SIGNATURE-----"),
        kind="signed",
    )
    assert read(raw).text == "Getekend"
    assert read(raw).advice["signed"] == "pgp"


def test_pgp_encrypted_mail_says_so_and_is_kept() -> None:
    raw = parts(
        part("application/pgp-encrypted", "Version: 1"),
        part("application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----"),
        kind="encrypted",
    )
    assert read(raw).advice["encrypted"] == "pgp"
    assert "encrypted.asc" in [f.name for f in read(raw).attachments]


def test_pgp_inside_the_text_is_recognised() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHallo\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----"
    assert read(mail(signed)).advice["signed"] == "pgp"
    assert "Hallo" in read(mail(signed)).text
    assert read(mail("-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----")).advice["encrypted"] == "pgp"


def test_talking_about_pgp_is_no_encryption() -> None:
    assert "encrypted" not in read(mail("Ik zag '-----BEGIN PGP MESSAGE-----' in een mail")).advice


def test_certified_italian_mail_keeps_the_letter_it_carries() -> None:
    inner = b"Content-Type: message/rfc822; name=postacert.eml\nContent-Disposition: inline; filename=postacert.eml\n\nSubject: Brief\n\nInhoud"
    raw = parts(
        part("text/plain", "Messaggio di posta certificata"),
        inner,
        part("application/xml; name=daticert.xml", "<?xml ?>"),
    )
    assert [f.name for f in read(raw).attachments] == ["postacert.eml", "daticert.xml"]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_damaged_signatures_never_raise(data: bytes) -> None:
    oid = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
    assert isinstance(signed_content(oid + data), bytes)
    assert isinstance(signed_content(oid + b"\xa0\x80\x24\x80" + data), bytes)
