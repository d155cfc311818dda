"""Group 15: quotes and signatures are folded, in Dutch and English; nothing that somebody wrote to us is."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.fold import apart, fold
from tests.channels.mail.reading import mail, read

ANSWER = "Dank voor uw snelle antwoord. Het is gelukt."
OURS = "Beste Sanne,\n\nWij hebben uw melding over de losse tegel ontvangen en komen donderdag langs.\n\nMet vriendelijke groet,\nTeam Buitenruimte"
QUOTED = "\n".join(f"> {line}" if line else ">" for line in OURS.split("\n"))

OUTLOOK_NL = (
    "Van: Voorbeeldstad <info@voorbeeldstad.example>\nVerzonden: dinsdag 3 november 2026 10:12\nAan: Sanne Voorbeeld\nOnderwerp: Re: Losse tegel\n\n"
    + OURS
)
QUOTES = {
    "gmail": f"Op di 3 nov 2026 om 10:12 schreef Voorbeeldstad <info@voorbeeldstad.example>:\n\n{QUOTED}",
    "gmail wrapped": f"Op di 3 nov 2026 om 10:12 schreef Voorbeeldstad, Team Buitenruimte <\ninfo@voorbeeldstad.example>:\n\n{QUOTED}",
    "gmail english": f"On Tue, Nov 3, 2026 at 10:12 AM Voorbeeldstad <info@voorbeeldstad.example> wrote:\n\n{QUOTED}",
    "gmail english wrapped": f"On Tue, Nov 3, 2026 at 10:12 AM Voorbeeldstad <info@voorbeeldstad.example>\nwrote:\n\n{QUOTED}",
    "apple": f"> Op 3 nov 2026, om 10:12 heeft Voorbeeldstad <info@voorbeeldstad.example> het volgende geschreven:\n> \n{QUOTED}",
    "apple unquoted intro": f"Op 3 nov 2026 om 10:12 heeft Voorbeeldstad <info@voorbeeldstad.example> het volgende geschreven:\n\n{QUOTED}",
    "apple without marks": f"Op 3 nov 2026 om 10:12 heeft Voorbeeldstad <info@voorbeeldstad.example> het volgende geschreven:\n\n{OURS}",
    "apple english": f"On 3 Nov 2026, at 10:12, Voorbeeldstad <info@voorbeeldstad.example> wrote:\n\n{QUOTED}",
    "thunderbird": f"Op 03-11-2026 om 10:12 schreef Voorbeeldstad:\n{QUOTED}",
    "thunderbird english": f"On 03/11/2026 10:12, Voorbeeldstad wrote:\n{QUOTED}",
    "outlook": OUTLOOK_NL,
    "outlook with a rule": "________________________________\n" + OUTLOOK_NL,
    "outlook bold": OUTLOOK_NL.replace("Van:", "*Van:*").replace("Verzonden:", "*Verzonden:*").replace("Aan:", "*Aan:*"),
    "outlook 2003": "-----Oorspronkelijk bericht-----\n" + OUTLOOK_NL,
    "outlook english": "From: Voorbeeldstad <info@voorbeeldstad.example>\nSent: Tuesday, November 3, 2026 10:12 AM\nTo: Sanne\nSubject: Re: Losse tegel\n\n" + OURS,
    "outlook ios": "Outlook voor iOS downloaden<https://aka.example/o0ukef>\n________________________________\n" + OUTLOOK_NL,
    "samsung": "-------- Oorspronkelijk bericht --------\nVan: Voorbeeldstad <info@voorbeeldstad.example>\nDatum: 03-11-2026 10:12 (GMT+01:00)\nAan: sanne@burger.example\nOnderwerp: Re: Losse tegel\n\n" + OURS,
    "yahoo": f"    Op dinsdag 3 november 2026 om 10:12:30 CET schreef Voorbeeldstad <info@voorbeeldstad.example>:  \n \n {OURS}",
    "yahoo english": f"    On Tuesday, November 3, 2026 at 10:12:30 AM GMT+1, Voorbeeldstad <info@voorbeeldstad.example> wrote:  \n \n {OURS}",
    "proton": f"------- Original Message -------\nOn Tuesday, November 3rd, 2026 at 10:12, Voorbeeldstad <info@voorbeeldstad.example> wrote:\n\n{QUOTED}",
    "wrapped before the address": f"On Tue, Nov 3, 2026 at 10:12 AM, Voorbeeldstad\n<info@voorbeeldstad.example>wrote:\n\n{QUOTED}",
    "roundcube": f"Voorbeeldstad schreef op 2026-11-03 10:12:\n{QUOTED}",
    "marks alone": QUOTED,
    "german": f"Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb Voorbeeldstad <info@voorbeeldstad.example>:\n\n{QUOTED}",
    "french": f"Le mar. 3 nov. 2026 à 10:12, Voorbeeldstad <info@voorbeeldstad.example> a écrit :\n\n{QUOTED}",
    "german outlook": "Von: Voorbeeldstad <info@voorbeeldstad.example>\nGesendet: Dienstag, 3. November 2026 10:12\nAn: Sanne\nBetreff: AW: Losse tegel\n\n" + OURS,
}  # fmt: skip


def seen(text: str, known: list[str] | None = None) -> str:
    """What is left to read when all is folded."""
    out, at = [], 0
    for one in fold(text, known or []):
        out.append(text[at : one.start])
        at = one.end
    return "".join([*out, text[at:]]).strip()


@pytest.mark.parametrize("program", QUOTES)
def test_the_quote_of_each_program_is_folded_whole(program: str) -> None:
    assert seen(f"{ANSWER}\n\n{QUOTES[program]}") == ANSWER


@pytest.mark.parametrize("program", [p for p in QUOTES if p != "outlook ios"])
def test_the_quote_is_folded_when_our_own_text_is_known_too(program: str) -> None:
    assert seen(f"{ANSWER}\n\n{QUOTES[program]}", [OURS]) == ANSWER


def test_our_own_text_is_found_without_any_mark_or_introduction() -> None:
    wrapped = OURS.replace("ontvangen en komen", "ontvangen en\nkomen")
    assert seen(f"{ANSWER}\n\n{wrapped}", [OURS]) == ANSWER
    assert seen(f"{ANSWER}\n\n{wrapped}").startswith(ANSWER + "\n\nBeste Sanne")


def test_an_answer_below_the_quote_stays_in_sight() -> None:
    intro = "Op di 3 nov 2026 om 10:12 schreef Voorbeeldstad <info@voorbeeldstad.example>:"
    assert seen(f"{intro}\n{QUOTED}\n\n{ANSWER}") == ANSWER
    assert seen(f"{OURS}\n\n{ANSWER}", [OURS]) == ANSWER


def test_answers_between_the_lines_keep_everything_unfolded() -> None:
    text = "Beste team,\n\n> Wilt u donderdag of vrijdag?\n\nDonderdag.\n\n> Mag de tegel weg?\n\nGoed, maar duur.\n\nGroet, Sanne"
    assert "Wilt u donderdag" in seen(text)
    assert "Goed, maar duur." in seen(text)


def test_answers_between_our_own_unmarked_lines_keep_everything_unfolded() -> None:
    ours = "Wilt u dat wij donderdag komen of juist liever op vrijdag?\n\nMag de losse tegel meteen mee naar de werf?"
    text = ours.replace("vrijdag?", "vrijdag?\n\nDonderdag graag, na tienen.")
    assert seen(text + "\n\nJa hoor.", [ours]).startswith("Wilt u dat wij")


TRAPS = [
    "Van: de bewoners van de Dijk\nAan: het college\nOnderwerp: de bomen\n\nGeacht college,\n\nLaat de bomen staan.",
    "Op 12 mei schreef de wethouder mij dat de boom blijft.\nNu is hij gekapt. Hoe kan dat?",
    "In uw brief van 3 november schreef u: wij komen donderdag. Er kwam niemand.",
    "Wij willen drie dingen:\n- een park\n- een bank\n- meer groen\n\nMet vriendelijke groet hopen wij dat u dit leest en ons antwoord geeft voor het einde van de maand.",
    "Met vriendelijke groet,\n\nIk schrijf u omdat de stoep al weken los ligt en mijn moeder er gisteren over gevallen is.\nWat gaat u doen?",
    "5 > 3 en 2 < 4, dus dat klopt niet.",
    "From the start of this year the street has been closed. To be honest: we are tired of it.",
    "---\nEen streep boven mijn tekst is geen handtekening.",
    "Groetjes doen aan de wethouder! En wanneer komt die bank er?",
    "Verzonden vanaf mijn zolder, want beneden staat alles blank door het riool. Kunt u komen kijken hoe erg het is, liefst vandaag nog?",
    "Sent from my desk, which is much easier than my mobile phone.",
    "On Monday I wrote: nothing happened since.",
    "Date: niet bekend. To do: alles.",
]  # fmt: skip


@pytest.mark.parametrize("text", TRAPS)
def test_what_only_looks_like_a_quote_or_signature_stays_in_sight(text: str) -> None:
    assert seen(text) == text.strip()


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_above_a_real_quote_stays_in_sight(text: str) -> None:
    assert seen(f"{text}\n\n{QUOTES['gmail']}") == text.strip()


HTML = {
    "gmail": '<div dir="ltr">{answer}</div><br><div class="gmail_quote"><div class="gmail_attr">Op di 3 nov 2026 om 10:12 schreef Voorbeeldstad &lt;<a href="mailto:info@voorbeeldstad.example">info@voorbeeldstad.example</a>&gt;:<br></div><blockquote class="gmail_quote">Wij komen donderdag.</blockquote></div>',
    "outlook": '<p class="MsoNormal">{answer}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Van:</b> Voorbeeldstad &lt;info@voorbeeldstad.example&gt;<br><b>Verzonden:</b> dinsdag 3 november 2026 10:12<br><b>Aan:</b> Sanne<br><b>Onderwerp:</b> Re: x</p></div><p class="MsoNormal">Wij komen donderdag.</p>',
    "apple": '<div>{answer}</div><div><blockquote type="cite"><div>Op 3 nov 2026 om 10:12 heeft Voorbeeldstad &lt;info@voorbeeldstad.example&gt; het volgende geschreven:</div><br><div>Wij komen donderdag.</div></blockquote></div>',
    "yahoo": '<div>{answer}</div><div class="yahoo_quoted"><div>Op dinsdag 3 november 2026 om 10:12:30 CET schreef Voorbeeldstad &lt;info@voorbeeldstad.example&gt;:</div><div><p>Wij komen donderdag.</p></div></div>',
}


@pytest.mark.parametrize("program", HTML)
def test_the_quote_in_a_mail_of_html_alone_is_folded_too(program: str) -> None:
    reaction = read(mail(HTML[program].replace("{answer}", ANSWER), content_type="text/html"))
    assert "Wij komen donderdag." in reaction.text
    assert seen(reaction.text) == ANSWER


def test_a_forward_with_nothing_above_it_is_not_folded() -> None:
    assert fold(OUTLOOK_NL.replace("Met vriendelijke groet,\nTeam Buitenruimte", "")) == ()


@pytest.mark.parametrize(
    "signature",
    [
        "Met vriendelijke groet,\n\nSanne Voorbeeld\n06-00000000",
        "Met vriendelijke groeten,\nSanne",
        "Mvg Sanne\nDorpsstraat 1\nVoorbeeldstad",
        "Hoogachtend,\n\nmr. S. Voorbeeld\nadvocaat",
        "Kind regards,\nSanne Voorbeeld",
        "-- \nSanne Voorbeeld\nVereniging De Dijk\nhttps://dijk.example",
        "--\nSanne",
        "Verstuurd vanaf mijn iPhone",
        "Verzonden vanaf mijn Galaxy",
        "Sent from my iPad",
        "Verzonden met Ziggo Mail",
        "Outlook voor Android downloaden",
        "Met vriendelijke groet,\nSanne\n\nDisclaimer: dit bericht is uitsluitend bestemd voor de geadresseerde en mag niet worden doorgestuurd aan anderen.",
        "De informatie in dit e-mailbericht is uitsluitend bestemd voor de geadresseerde. Gebruik door anderen is niet toegestaan.",
    ],
)  # fmt: skip
def test_a_signature_is_folded(signature: str) -> None:
    assert seen(f"{ANSWER}\n\n{signature}\n") == ANSWER


def test_a_signature_above_a_quote_is_folded_apart_from_it() -> None:
    text = f"{ANSWER}\n\nMet vriendelijke groet,\nSanne\n06-00000000\n\n{QUOTES['gmail']}"
    assert [one.why for one in fold(text)] == ["signature", "quote"]
    assert seen(text) == ANSWER


def test_a_long_letter_after_two_dashes_is_no_signature() -> None:
    text = "Voorwoord\n--\n" + "Dit is een alinea van de brief.\n" * 40
    assert seen(text) == text.strip()


def test_a_postscript_keeps_the_end_in_sight() -> None:
    text = f"{ANSWER}\n\nMet vriendelijke groet,\nSanne\n\nPS: wanneer komt de bank?"
    assert "wanneer komt de bank" in seen(text)


def test_a_mail_of_only_a_greeting_is_not_folded_away() -> None:
    assert fold("Met vriendelijke groet,\nSanne") == ()


def test_a_huge_text_is_folded_in_bounded_time() -> None:
    text = ANSWER + "\n" + "> citaat\n" * 100_000
    assert fold(text)[0].end <= 200_000


WORDS = st.sampled_from(
    ["> ", "\n", "Van: a@b.example\n", "Verzonden: 3 nov 2026 10:12\n", "Aan: x\n", "Onderwerp: y\n", "-- \n", "tekst ", "Op di 3 nov 2026 om 10:12 schreef X <a@b.example>:\n", "________________________________\n", "Met vriendelijke groet,\n", "Jan\n", "\u2028", " ", "schrieb:\n", "-----Original Message-----\n", OURS, "\r"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(WORDS, max_size=25).map("".join), st.lists(st.sampled_from([OURS, "", "tekst", "> "]), max_size=2))
def test_folds_lie_inside_the_text_in_order_and_apart(text: str, known: list[str]) -> None:
    at = 0
    for one in fold(text, known):
        assert at <= one.start < one.end <= len(text)
        at = one.end


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_folded(text: str, known: str) -> None:
    assert all(one.end <= len(text) for one in fold(text, [known]))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 48, "quote"), (0, 109, "quote")], [(0, 109, "quote")]),
        ([(0, 10, "quote"), (5, 20, "signature"), (7, 9, "quote")], [(0, 10, "quote"), (10, 20, "signature")]),
        ([(5, 5, "quote"), (8, 9, "quote")], [(8, 9, "quote")]),
    ],
)
def test_folds_never_reach_into_one_another(
    spans: list[tuple[int, int, str]], expected: list[tuple[int, int, str]]
) -> None:
    assert list(apart(spans)) == expected
