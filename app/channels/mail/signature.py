"""Signatures, "sent from my phone" and disclaimers at the end of what somebody wrote.

A greeting opens a signature only when a short block follows: names, telephone numbers, an address; never a sentence.
"""

import re

from app.channels.mail.lines import Line

_GREETINGS = (
    "met vriendelijke groet", "vriendelijke groet", "met hartelijke groet", "hartelijke groet", "hoogachtend", "met groet",
    "mvg", "m.v.g", "groet", "kind regards", "best regards", "regards", "yours sincerely", "sincerely", "yours faithfully",
    "warm regards", "with kind regards", "many thanks", "cheers",
)  # fmt: skip
_DEVICE = (
    "verstuurd vanaf", "verzonden vanaf", "verzonden met", "verstuurd met", "verstuurd via", "sent from", "outlook voor ",
    "outlook for", "get outlook", "download outlook", "sent with", "sent via", "van mijn iphone", "verzonden van",
    "yahoo mail", "van proton mail",
)  # fmt: skip
_DISCLAIMER = re.compile(
    r"^[*_ ]{0,4}(?:disclaimer\b|de informatie in dit (?:e-?mail)?bericht"
    r"|dit (?:e-?mail)?bericht (?:\(.{0,60}\) )?is (?:uitsluitend|alleen)|aan dit bericht kunnen"
    r"|this (?:e-?mail|message)(?: \(.{0,60}\))? (?:and any|is (?:intended|confidential))|denk aan het milieu"
    r"|think before you print|please consider the environment)",
    re.IGNORECASE,
)
_SIGNS = (*_GREETINGS, *_DEVICE, "disc", "de in", "dit ", "aan dit", "this ", "denk aan", "think", "please c")
_LONGEST_BLOCK = 12
_LONGEST_LINE = 80


def signature_spans(runs: list[list[Line]]) -> list[tuple[int, int, str]]:
    """One span at most for each run of the sender's own lines, from its first sign of an end to the run's end."""
    return [span for run in runs if (span := _signature(_trimmed(run)))]


def _trimmed(run: list[Line]) -> list[Line]:
    last = len(run)
    while last and not run[last - 1].stripped:
        last -= 1
    return run[:last]


def _signature(run: list[Line]) -> tuple[int, int, str] | None:
    first = max(0, len(run) - 60)
    for number in range(first, len(run)):
        text = run[number].stripped
        if not text:
            continue
        if why := _why(run, number, text):
            return run[number].start, run[-1].end, why
    return None


def _why(run: list[Line], number: int, text: str) -> str:
    if text == "--":
        return "signature" if len(run) - number <= 30 else ""
    lowered = text[:60].lower().lstrip("*_ ")
    if not lowered.startswith(_SIGNS):
        return ""
    if lowered.startswith(_GREETINGS) and len(text) < 60:
        return "signature" if _short_block(run[number + 1 :]) else ""
    if lowered.startswith(_DEVICE) and len(text) < 120 and text[-1] not in ".?!" and len(run) - number <= 4:
        return "signature"
    return "disclaimer" if _DISCLAIMER.match(text) else ""


def _short_block(lines: list[Line]) -> bool:
    """1 to 12 short lines that are no sentences; a disclaimer or a device line may follow them."""
    count = 0
    for line in lines:
        text = line.stripped
        if not text:
            continue
        if _DISCLAIMER.match(text) or text == "--":
            break
        if len(text) > _LONGEST_LINE or text.endswith("?") or text[:3].lower() == "ps:" or text[:2] in ("PS", "P."):
            return False
        count += 1
    return 0 < count <= _LONGEST_BLOCK
