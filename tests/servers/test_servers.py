"""The servers of the tests are what they say they are."""

import smtplib
import ssl
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page

from tests.servers.browser import axe_violations
from tests.servers.mail import MailServers
from tests.until import until


def _mail(sender: str, to: str, subject: str = "Een vraag") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@burgers.example>"
    message.set_content("Wanneer wordt de lantaarnpaal gemaakt?\n")
    return message


def test_a_mail_travels_from_postfix_to_a_dovecot_mailbox(mail_servers: MailServers) -> None:
    town, citizen = mail_servers.mailbox(), mail_servers.citizen()
    mail_servers.send(_mail(citizen.address, town.address), citizen.address, town.address)
    (raw,) = mail_servers.arrived(town)
    assert b"lantaarnpaal" in raw
    assert b"Return-Path: <" + citizen.address.encode() in raw


def test_an_address_with_a_tag_arrives_in_the_mailbox(mail_servers: MailServers) -> None:
    town, citizen = mail_servers.mailbox(), mail_servers.citizen()
    tagged = town.address.replace("@", "+abc123@")
    mail_servers.send(_mail(citizen.address, tagged), citizen.address, tagged)
    assert len(mail_servers.arrived(town)) == 1


def test_mail_for_an_unknown_user_bounces_and_for_another_domain_is_refused(mail_servers: MailServers) -> None:
    town, nobody = mail_servers.mailbox(), "niemand@burgers.example"
    mail_servers.send(_mail(town.address, nobody), town.address, nobody)
    (bounce,) = mail_servers.arrived(town)
    assert b"multipart/report" in bounce
    assert b"message/delivery-status" in bounce
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        mail_servers.send(_mail(town.address, "wie@elders.example"), town.address, "wie@elders.example")


def test_submission_takes_mail_over_tls_from_who_signed_in_only(mail_servers: MailServers) -> None:
    town, citizen = mail_servers.mailbox(), mail_servers.citizen()
    trusted = ssl.create_default_context(cafile=str(mail_servers.authority))
    with smtplib.SMTP("localhost", mail_servers.postfix.submission, timeout=10) as smtp:
        smtp.starttls(context=trusted)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(_mail(town.address, citizen.address))
        smtp.login(town.address, town.password)
        smtp.send_message(_mail(town.address, citizen.address))
    assert len(mail_servers.arrived(citizen)) == 1
    with smtplib.SMTP("localhost", mail_servers.postfix.submission, timeout=10) as smtp, pytest.raises(ssl.SSLError):
        smtp.starttls(context=ssl.create_default_context())


def test_mail_waits_in_postfix_while_dovecot_is_killed_and_arrives_when_it_is_back(
    own_mail_servers: MailServers,
) -> None:
    town, citizen = own_mail_servers.mailbox(), own_mail_servers.citizen()
    own_mail_servers.dovecot.kill()
    own_mail_servers.send(_mail(citizen.address, town.address), citizen.address, town.address)
    until(lambda: "status=deferred" in own_mail_servers.postfix.log(), seconds=20)
    own_mail_servers.dovecot.start()
    own_mail_servers.postfix.flush()
    assert len(own_mail_servers.arrived(town, seconds=30)) == 1
    own_mail_servers.postfix.kill()


def test_axe_finds_a_picture_without_an_alternative_text(page: Page, axe: str) -> None:
    page.set_content("<html lang=nl><title>Proef</title><main><h1>Proef</h1><img src='data:,'></main></html>")
    assert any(line.startswith("image-alt") for line in axe_violations(page, axe))
    page.set_content("<html lang=nl><title>Proef</title><main><h1>Proef</h1><p>Goed.</p></main></html>")
    assert axe_violations(page, axe) == []


def test_axe_finds_what_can_be_read_by_day_only(page: Page, axe: str) -> None:
    style = "body {background: #fff; color: #222} @media (prefers-color-scheme: dark) {body {background: #000}}"
    page.set_content(f"<html lang=nl><title>Proef</title><style>{style}</style><main><h1>Proef</h1></main></html>")
    (found,) = axe_violations(page, axe)
    assert found.startswith("dark: color-contrast")
