"""Telephone numbers as we keep them: E.164 (`+31612345678`), and only when they are real numbers of a person or a company.

Why a library: national rules differ and change; a pattern of our own would store `0031612345678`, `06-12345678` and
`+31 6 12345678` as three people. Its answer is used only where it says that the number is valid, since it gives an E.164
form of nearly anything (112 becomes +31112).
"""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

HOME = "NL"
"""Where a number without a country code is read as dialled."""

_LONGEST = 40
_DIGITS_AT_LEAST = 8  # of the national number: 14020 and its like are valid, and cannot be reached from a service
_NO_PERSON = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.TOLL_FREE})


def e164(text: str, region: str = HOME) -> str | None:
    """`06-12345678` → `+31612345678`; None for what is no whole number: a short code, a name, an anonymous caller."""
    number = _valid(text, region)
    if number is None or len(str(number.national_number)) < _DIGITS_AT_LEAST:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def answerable(number: str) -> bool:
    """Whether a number in E.164 may be called or texted back at ordinary cost."""
    parsed = _valid(number, HOME)
    return parsed is not None and phonenumbers.number_type(parsed) not in _NO_PERSON and e164(number) == number


def shown(number: str) -> str:
    """For people: `06 12345678` at home, `+44 20 7946 0000` from elsewhere; as it is when it cannot be read."""
    parsed = _valid(number, HOME)
    if parsed is None:
        return number
    home = phonenumbers.region_code_for_number(parsed) == HOME
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def _valid(text: str, region: str) -> PhoneNumber | None:
    if not text.isascii() or len(text) > _LONGEST:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) and not number.extension else None
