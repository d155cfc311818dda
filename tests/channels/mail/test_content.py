"""Group 10: which text a mail has."""

from tests.channels.mail.reading import mail, part, parts, read


def test_plain_text_is_preferred_and_the_html_is_kept_beside_it() -> None:
    reaction = read(parts(part("text/plain", "Plat"), part("text/html", "<p>Rijk</p>"), kind="alternative"))
    assert reaction.text == "Plat"
    assert reaction.html == "<p>Rijk</p>"


def test_html_alone_becomes_text() -> None:
    reaction = read(
        mail("<html><body><p>Ik ben <b>tegen</b> de kap</p><p>Groet</p></body></html>", content_type="text/html")
    )
    assert reaction.text == "Ik ben tegen de kap\n\nGroet"


def test_html_without_an_html_element_is_read() -> None:
    assert read(mail("Hallo<br>daar", content_type="text/html")).text == "Hallo\ndaar"


def test_a_stub_that_only_says_there_is_html_is_not_the_text() -> None:
    raw = parts(
        part("text/plain", "Uw programma kan geen HTML tonen."),
        part("text/html", "<p>De stoep ligt los, al drie weken lang, en niemand doet iets.</p>"),
        kind="alternative",
    )
    assert read(raw).text == "De stoep ligt los, al drie weken lang, en niemand doet iets."


def test_an_empty_plain_text_gives_way_to_the_html() -> None:
    raw = parts(part("text/plain", " \n\n"), part("text/html", "<p>Hallo</p>"), kind="alternative")
    assert read(raw).text == "Hallo"


def test_several_texts_stand_one_after_another() -> None:
    raw = parts(part("text/plain", "Een"), part("image/png", b"\x89PNG\r\n\x1a\n"), part("text/plain", "Twee"))
    assert read(raw).text == "Een\n\nTwee"


def test_several_html_parts_are_all_shown() -> None:
    raw = parts(part("text/html", "<p>Een</p>"), part("text/html", "<p>Twee</p>"), part("text/plain", "Drie & vier"))
    assert read(raw).text == "Een\n\nTwee\n\nDrie & vier"
    assert read(raw).html == "<p>Een</p>\n<p>Twee</p>\n<p>Drie &amp; vier</p>"


def test_html_split_round_a_file_inside_an_alternative_is_one_text() -> None:
    inner = (
        b'Content-Type: multipart/mixed; boundary="m"\n\n--m\nContent-Type: text/html\n\n<p>Een</p>\n'
        b"--m\nContent-Type: application/pdf; name=a.pdf\n\n%PDF-\n--m\nContent-Type: text/html\n\n<p>Twee</p>\n--m--\n"
    )
    reaction = read(parts(part("text/plain", "Een en twee"), inner, kind="alternative"))
    assert reaction.text == "Een en twee"
    assert [f.name for f in reaction.attachments] == ["a.pdf"]


def test_a_mail_of_attachments_alone_has_an_empty_text() -> None:
    reaction = read(parts(part("application/pdf", "%PDF-1.7", content_disposition="attachment; filename=brief.pdf")))
    assert reaction.text == ""
    assert [f.name for f in reaction.attachments] == ["brief.pdf"]


def test_an_empty_body_is_an_empty_text() -> None:
    assert read(mail("")).text == ""


def test_a_text_file_is_a_file_and_not_the_text() -> None:
    raw = parts(
        part("text/plain", "Zie bijlage"), part("text/plain; name=lijst.txt", "rij", content_disposition="inline")
    )
    assert read(raw).text == "Zie bijlage"
    assert [f.name for f in read(raw).attachments] == ["lijst.txt"]


def test_a_named_first_text_is_still_the_text() -> None:
    assert read(mail("Hallo", content_type="text/plain; name=body.txt")).text == "Hallo"


def test_flowed_lines_are_joined() -> None:
    raw = mail(
        "Een lange \nzin.\nNieuwe regel\n>> citaat dat \n>> doorloopt\n-- \nJan",
        content_type="text/plain; format=flowed",
    )
    assert read(raw).text == "Een lange zin.\nNieuwe regel\n>> citaat dat doorloopt\n-- \nJan"


def test_flowed_with_delsp_drops_the_space() -> None:
    assert read(mail("Gemeen \nte", content_type="text/plain; format=flowed; delsp=yes")).text == "Gemeente"


def test_nul_bytes_in_the_body_are_replaced() -> None:
    assert read(mail(b"een\x00twee")).text == "een\ufffdtwee"


def test_html_declares_its_charset_inside_when_the_mail_does_not() -> None:
    html = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Здравствуйте</p>'
    assert read(mail(html.encode("cp1251"), content_type="text/html")).text == "Здравствуйте"


def test_the_language_is_guessed_from_what_the_sender_wrote() -> None:
    assert read(mail("Ik wil graag weten wanneer de straat weer open is voor auto's.")).language == "nl"
    assert read(mail("I would like to know when the street will be open again.")).language == "en"
    assert read(mail("Prima plan!")).language == ""
