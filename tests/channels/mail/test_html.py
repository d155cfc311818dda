"""Group 10: HTML to text, and HTML that may be shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from app.channels.mail.html import sanitised, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Een</p><p>Twee</p>", "Een\n\nTwee"),
        ("<div>Een</div><div>Twee</div>", "Een\nTwee"),
        ("<div><div>Een</div></div><br><div>Twee</div>", "Een\n\nTwee"),
        ("Ik ben <b>tegen</b> de <i>kap</i>", "Ik ben tegen de kap"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<p class=MsoNormal>Een</p><p class=MsoNormal>Twee</p>", "Een\nTwee"),
        (
            "<p class=MsoNormal>Een</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Twee</p>",
            "Een\n\nTwee",
        ),
        ("<blockquote type=cite><p>Onze tekst</p></blockquote>Antwoord", "> Onze tekst\n\nAntwoord"),
        ("<blockquote style='margin-left:40px'>Ingesprongen</blockquote>", "Ingesprongen"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ("a&nbsp;b &amp; c &euro;", "a b & c €"),
        ("<img alt='Losse tegel' src=x>", "[Losse tegel]"),
        ("<style>p{}</style><script>x()</script><title>t</title>Zichtbaar<!-- niet -->", "Zichtbaar"),
        ("<p>a\n   b</p>", "a b"),
        ("a<br><br><br><br><br>b", "a\n\nb"),
        ("", ""),
        ("geen tags < 5 > 3", "geen tags < 5 > 3"),
    ],
)
def test_html_reads_as_a_person_sees_it(html: str, text: str) -> None:
    assert to_text(html) == text


@pytest.mark.parametrize("depth", [100, 4_000, 100_000])
def test_deep_nesting_loses_no_text(depth: int) -> None:
    assert "de stoep" in to_text("<div>" * depth + "de stoep" + "</div>" * depth)


def test_html_too_deep_to_show_is_left_out() -> None:
    assert sanitised("<div>" * 100_000 + "x") == ""
    assert sanitised("x" * 1_000_001) == ""


def test_thousands_of_links_are_read() -> None:
    html = "<a href='https://x.example/'>hier</a> " * 6_000
    assert to_text(html).count("hier") == 6_000
    assert sanitised(html).count("noopener") == 6_000


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<iframe src='https://x.example'></iframe>",
        "<form action='https://x.example'><input name=p></form>",
        "<style>body{display:none}</style>",
        "<p style='position:fixed' class='desk-button' id='main'>x</p>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<meta http-equiv=refresh content='0;url=https://x.example'>",
        "<base href='https://x.example/'><object data='x'></object><embed src=x>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<video src='https://x.example/a.mp4' autoplay></video>",
        "<body background='https://x.example/a.png'><td background='https://x.example/b.png'>",
        "<img srcset='https://x.example/a.png 2x'>",
        "<image src='https://x.example/a.png'>",
        "<IMG SRC='https://x.example/a.png'>",
        "<img src=' https://x.example/a.png'>",
        "<img src='//x.example/a.png'>",
        "<link rel=stylesheet href='https://x.example/a.css'>",
        "<a href='cid:x'>x</a>",
    ],
)
def test_nothing_runs_loads_or_poses_as_the_desk(hostile: str) -> None:
    shown = sanitised(f"<p>voor</p>{hostile}<p>na</p>")
    assert "voor" in shown
    body = LexborHTMLParser(shown).body
    assert body is not None
    for node in body.traverse():
        assert node.tag in {"body", "p", "a", "img", "table", "tbody", "tr", "td", "hr"}
        assert set(node.attrs) <= {"href", "rel", "alt", "title", "data-remote-src"}
        assert (node.attrs.get("href") or "https:").startswith("https:")


def test_a_remote_picture_is_kept_apart_until_asked_for() -> None:
    shown = sanitised("<p>x</p><img src='https://x.example/a.png?id=1&amp;b=2' alt='Foto' width=10>")
    assert ' src="' not in shown
    assert 'data-remote-src="https://x.example/a.png?id=1&amp;b=2"' in shown
    assert 'alt="Foto"' in shown


def test_a_picture_that_came_along_is_shown() -> None:
    assert 'src="cid:foto@x"' in sanitised("<img src='cid:foto@x'>")
    assert 'src="data:image/png;base64,AAAA"' in sanitised("<img src='data:image/png;base64,AAAA'>")
    assert "src" not in sanitised("<img src='data:image/svg+xml;base64,AAAA'>")


def test_tables_stay_tables_so_that_cells_do_not_glue() -> None:
    assert sanitised("<table><tr><td>a</td><td>b</td></tr></table>").count("<td>") == 2


def test_links_open_without_a_way_back() -> None:
    assert (
        sanitised("<a href='https://x.example'>x</a>") == '<a href="https://x.example" rel="noopener noreferrer">x</a>'
    )


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>/abpdivimgsrc='\" &#x;!-\n", max_size=200))
def test_any_markup_gives_text_and_safe_html(html: str) -> None:
    to_text(html).encode("utf-8")
    assert ' src="http' not in sanitised(html)
