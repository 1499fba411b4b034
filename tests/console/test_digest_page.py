"""The digest as text, HTML and data: complete, self-contained, and unimpressed by hostile names."""

import json
import re
from html.parser import HTMLParser

import pytest

from console.digest_page import DEMO, as_html, as_json, as_text
from console.plain_text import WIDTH, columns, cut, left, right, tidy
from retention.digest import DigestContent, build_digest
from tests.retention.a_week import a_week, an_empty_company, some_kpis

HOSTILE = (
    "<script>alert(1)</script>",
    "=1+1",
    "N" * 300,
    "\u202eevil شركة",
    "株式会社" * 30,
    "two\nlines\x1b[31m \"&'",
)


@pytest.fixture(scope="module")
def content() -> DigestContent:
    return build_digest(a_week())


@pytest.fixture(scope="module")
def hostile() -> DigestContent:
    return build_digest(a_week(names=HOSTILE, company="<b>Evil</b> & Co"))


@pytest.fixture(scope="module")
def empty() -> DigestContent:
    return build_digest(an_empty_company())


class _Reader(HTMLParser):
    """Collects tags, attributes and the visible text; open tags must be closed in order."""

    VOID = {"meta", "br"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def finished(self) -> bool:
        return not self._open


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    assert reader.finished()
    return reader


def test_both_forms_tell_the_same_sections_and_accounts(content: DigestContent) -> None:
    html, text = read(as_html(content)).text, as_text(content)
    for title in ("What stayed this week", "What was lost this week", "At risk now", "What to do next", "Retention"):
        assert title in html
        assert title.upper() in text
    for said in ("Birch Analytics", "Cobalt Freight", "USD 84,000", "last sentiment -54", "keepline account NAME"):
        assert said in html
        assert said in text


def test_text_fits_into_eighty_columns(content: DigestContent, hostile: DigestContent, empty: DigestContent) -> None:
    for one in (content, hostile, empty):
        assert max(map(columns, as_text(one).splitlines())) <= WIDTH


def test_text_ends_its_lines_plainly(content: DigestContent) -> None:
    text = as_text(content)
    assert text.endswith("\n")
    assert not re.search(r"[ \t]+$", text, re.MULTILINE)


def test_html_loads_nothing_and_runs_nothing(content: DigestContent) -> None:
    reader = read(as_html(content))
    assert not {"script", "img", "link", "iframe", "object", "form", "svg"} & set(reader.tags)
    assert not {"src", "href", "srcset", "onload", "onclick"} & {name for name, _ in reader.attributes}
    assert "url(" not in as_html(content)
    assert "http" not in as_html(content)


def test_html_fits_into_a_mail(content: DigestContent) -> None:
    html = as_html(content)
    assert len(html.encode()) < 100_000  # mail readers cut longer ones
    assert max(map(len, html.splitlines())) < 998  # the longest line that mail may have


def test_html_is_light_only_and_stacks_on_a_phone(content: DigestContent) -> None:
    html = as_html(content)
    assert 'name="color-scheme" content="light only"' in html
    assert "prefers-color-scheme" not in html
    assert 'name="viewport"' in html
    assert "@media (max-width: 520px)" in html


def test_a_demo_says_so_in_every_form(content: DigestContent, empty: DigestContent) -> None:
    assert DEMO in as_text(content)
    assert DEMO in as_html(content)
    assert as_json(content)["is_demo"] is True
    assert "DEMO" not in as_text(empty) + as_html(empty)


def test_a_name_is_never_markup(hostile: DigestContent) -> None:
    html = as_html(hostile)
    reader = read(html)
    assert "script" not in reader.tags
    assert "b" not in reader.tags
    assert "<script>alert(1)</script>" in reader.text
    assert "<b>Evil</b> & Co" in reader.text


def test_a_long_name_is_cut_and_says_so(hostile: DigestContent) -> None:
    for page in (as_text(hostile), as_html(hostile)):
        assert "N" * 100 not in page
        assert re.search("N+…", page)


def test_a_name_cannot_turn_its_surroundings_or_steer_a_terminal(hostile: DigestContent) -> None:
    for page in (as_text(hostile), as_html(hostile)):
        assert not {"\u202e", "\x1b"} & set(page)
    assert "evil شركة" in as_html(hostile)
    assert "two lines" in as_text(hostile)


@pytest.mark.parametrize(
    "said",
    [
        "No renewals are known: import contracts with a renewal date.",
        "No recurring revenue was lost this week.",
        "Nothing is open.",
        "No step of any escalation is open.",
        "No complete month of paid subscriptions is known",
        "No ticket is known: import your helpdesk",
        "keepline import FOLDER",
    ],
)
def test_an_empty_section_says_what_to_do(said: str, empty: DigestContent) -> None:
    flat = " ".join(as_text(empty).split())
    assert said in flat
    assert said in read(as_html(empty)).text


def test_a_month_without_a_rate_has_no_bar(content: DigestContent) -> None:
    assert "June 2023: – %" in as_html(content)
    assert "June 2023      GRR     –                    NRR     –" in as_text(content)


def test_data_is_plain_and_keeps_exact_amounts(content: DigestContent) -> None:
    printed = json.loads(json.dumps(as_json(content)))
    assert printed["saved"]["week"]["touched"] == "84000.00"
    assert printed["headlines"] == list(content.headlines)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\tb\r\nc", "a b c"),
        ("\u202eabc\u2066", "abc"),
        ("cafe\u0301", "cafe\u0301"),
        ("\x00\x1b[2Jx", "[2Jx"),
    ],
)
def test_text_is_tidied_to_one_harmless_line(text: str, shown: str) -> None:
    assert tidy(text) == shown


@pytest.mark.parametrize("text", ["", "short", "株式会社テスト", "e\u0301" * 9, "a" * 40])
def test_a_cell_is_exactly_as_wide_as_asked(text: str) -> None:
    assert columns(left(text, 10)) == columns(right(text, 10)) == 10
    assert columns(cut(text, 10)) <= 10


def test_support_s_key_figures_stand_with_their_tier_and_what_was_before() -> None:
    content = build_digest(a_week(kpis=some_kpis()))
    html, text = read(as_html(content)).text, as_text(content)
    for said in ("1.5 h", "n = 120; better, 2.0 h before", "81.5 %", "n = 120; excellent", "no figure"):
        assert said in html
    assert "SUPPORT'S KEY FIGURES, 4 WEEKS" in text
    assert "keepline kpis --since 2024-05-13 --until 2024-06-09" in text


def test_a_digest_never_shows_two_kinds_of_reply_times(content: DigestContent) -> None:
    measured = as_text(build_digest(a_week(kpis=some_kpis())))
    assert ("First reply, median" in as_text(content), "First reply, median" in measured) == (True, False)
    assert "reply times are elapsed" not in " ".join(measured.split())
    assert "key figures" not in as_text(content)
