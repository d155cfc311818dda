"""Ordinary Dutch mails of four to five kilobytes, each from somebody else."""

import random
from base64 import b64encode

SUBJECTS = ("Kapotte lantaarn", "Vraag over afval", "Boom in onze straat", "Parkeren bij de school", "Losse stoeptegel")
SENTENCES = (
    "Al een paar weken is het 's avonds erg donker bij ons in de straat.",
    "De container op de hoek zit steeds vol en dan wordt het afval ernaast gezet.",
    "Kunt u laten weten wanneer hier iemand naar komt kijken?",
    "Mijn buren hebben hier ook al eens over gemeld, maar er is nog niets gebeurd.",
    "Op het fietspad ligt een tak die er al sinds de storm van vorige week ligt.",
    "Wij wonen hier met plezier en willen graag dat het zo blijft.",
    "Is er voor het kappen van deze boom een vergunning aangevraagd?",
    "Ik heb twee foto's gemaakt die ik u zo nodig kan sturen.",
)
RECEIVED = (
    "Received: from relay{n}.provider.example (relay{n}.provider.example [203.0.113.7])\r\n"
    "\tby mx.voorbeeldstad.example (Postfix) with ESMTPS id 4Xq{n}\r\n"
    "\tfor <post@voorbeeldstad.example>; Tue, 24 Nov 2026 10:12:{s:02} +0100 (CET)\r\n"
)


def mail(number: int) -> bytes:
    """The mail with this number; the same number gives the same bytes."""
    chance = random.Random(number)
    body = "\r\n\r\n".join(" ".join(chance.choices(SENTENCES, k=6)) for _ in range(4))
    text = f"Geachte gemeente,\r\n\r\n{body}\r\n\r\nMet vriendelijke groet,\r\n\r\nBewoner {number}\r\n"
    trace = "".join(RECEIVED.format(n=number + hop, s=(number + hop) % 60) for hop in range(3))
    signature = b64encode(chance.randbytes(190)).decode()
    return (
        f"{trace}"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=bewoner.example;\r\n\ts=een; b={signature}\r\n"
        f"From: Bewoner {number} <bewoner{number}@bewoner.example>\r\n"
        "To: Gemeente Voorbeeldstad <post@voorbeeldstad.example>\r\n"
        f"Subject: {SUBJECTS[number % len(SUBJECTS)]} {number}\r\n"
        "Date: Tue, 24 Nov 2026 10:12:00 +0100\r\n"
        f"Message-ID: <bench-{number}@bewoner.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{text}"
    ).encode()
