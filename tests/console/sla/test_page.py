"""The explanation of a deadline as text, page and data: complete, readable, and unimpressed by hostile words."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from console.digest_page import DEMO
from console.plain_text import WIDTH, columns
from console.sla.data import as_json
from console.sla.page import as_html, as_text
from jobs.sla.explaining import SlaExplanation
from rules.sla.story import Promise, Said, TicketPast, tell
from tests.console.sla.explained import NOW, a_renewal, a_step, a_ticket, explained, without_terms
from tests.console.test_digest_page import read
from tests.rules.sla.pasts import terms
from tests.rules.sla.test_story import at

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eevil شركة",
    "株" * 200,
    "a\nb\x1b[31m{{ 1 }}",
)


@pytest.fixture(scope="module")
def renewal() -> SlaExplanation:
    return a_renewal(steps=(a_step(), a_step(do="CSM outreach", owner="csm", is_overdue=True)))


@pytest.fixture(scope="module")
def hostile() -> SlaExplanation:
    words = " ".join(HOSTILE)
    team = terms({"zone": "UTC", "hours": "always", "holidays": [{"on": "2026-11-04", "name": HOSTILE[0]}]},
                 {"first_reply": "80h business"}, policy=HOSTILE[1], calendar_name=HOSTILE[0])  # fmt: skip
    past = TicketPast(at("11-03 09:00"), promises=(Promise(at("11-03 09:00"), team, words),))
    ticket = a_ticket(external_id=HOSTILE[0], source=HOSTILE[1], subject=words, account=HOSTILE[0], status=HOSTILE[1])
    return explained(past, ticket=ticket, steps=(a_step(do=HOSTILE[0], because=words, playbook=HOSTILE[1]),))


def test_it_begins_with_the_deadline_and_its_reason(renewal: SlaExplanation) -> None:
    said = " ".join(as_text(renewal).split())
    assert (
        "First reply is due on Wed 4 Nov 2026 14:00 CET (13:00 UTC): 2 business hours (policy renewal for unknown "
        "priority, because days to renewal 91 → 89. Policy renewal: renews in 89 days), 1 hour paused while pending; "
        "by itself this would have been on Tue 3 Nov 2026 11:00 CET (10:00 UTC), before it was promised on Wed 4 Nov "
        "2026 12:00 CET (11:00 UTC), so a grace of at most 1 business hour from then on was given."
    ) in said


def test_both_forms_tell_the_same(renewal: SlaExplanation) -> None:
    text, html = as_text(renewal), read(as_html(renewal)).text
    for said in (
        "Birch Analytics (A-1)", "desk:T-1", "terms ", "Mon–Thu 09:00-12:30 13:30-18:00, Fri 09:00-15:00",
        "paused while pending 16:00:00", "an internal note of an agent", "internal review (support lead)",
        "CSM outreach (csm)", "overdue since", "03T08:00:00Z", "Resolution", "closed: break",
    ):  # fmt: skip
        assert said in " ".join(text.split()), said
        assert said in html, said


def test_text_fits_into_eighty_columns(renewal: SlaExplanation, hostile: SlaExplanation) -> None:
    for one in (renewal, hostile, without_terms()):
        assert max(map(columns, as_text(one).splitlines())) <= WIDTH
        assert not re.search(r"[ \t]+$", as_text(one), re.MULTILINE)


def test_each_line_shows_local_time_and_utc_beside_it(renewal: SlaExplanation) -> None:
    text = as_text(renewal)
    assert re.search(r"^  17:30:00  03T16:30:00Z  \* status new → pending$", text, re.MULTILINE)
    assert "Tue 3 Nov 2026, CET" in text
    assert re.search(r"^  CET       UTC +clock  target$", text, re.MULTILINE)


def test_in_utc_the_time_stands_there_once() -> None:
    team = terms({"zone": "UTC", "hours": "always"}, {"first_reply": "80h business"})
    text = as_text(explained(TicketPast(NOW, promises=(Promise(NOW, team),)), as_of=NOW + timedelta(hours=1)))
    assert "  11:10:00  * the clock starts" in text
    assert "04T11:10:00Z" not in text


def test_nights_and_weekends_are_one_line() -> None:
    team = terms({"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}}, {"resolution": "400h business"})
    past = TicketPast(at("11-03 10:00"), promises=(Promise(at("11-03 10:00"), team),))
    text = as_text(explained(past, as_of=at("11-24 13:00"), metrics=("resolution",)))
    assert re.search(r"counting 123:00:00 in 16 stretches; closed: 12 +123:00:00 +30 %\n +nights and 3 weekends,", text)
    assert len(text.splitlines()) < 60


def test_a_long_story_is_cut_in_the_middle() -> None:
    team = terms({"zone": "UTC", "hours": "always"}, {"resolution": "9000h business"})
    said = tuple(Said(at("11-03 10:00") + number * timedelta(hours=3), "customer") for number in range(200))
    past = TicketPast(at("11-03 10:00"), said=said, promises=(Promise(at("11-03 10:00"), team),))
    text = as_text(explained(past, as_of=at("12-24 13:00"), metrics=("resolution",)))
    assert "more lines" in text
    assert "All of it: --format html or --json" in text
    assert len(text.splitlines()) < 150


def test_html_loads_nothing_and_runs_nothing(renewal: SlaExplanation, hostile: SlaExplanation) -> None:
    for one in (renewal, hostile):
        page = as_html(one)
        reader = read(page)
        assert not {"script", "img", "link", "iframe", "object", "form", "a"} & set(reader.tags)
        assert not any(name.startswith("on") or name in {"src", "href", "srcset"} for name, _ in reader.attributes)
        assert "url(" not in page
        assert "http" not in page


def test_words_of_others_are_never_markup(hostile: SlaExplanation) -> None:
    html = as_html(hostile)
    assert "<script>alert(1)</script>" in read(html).text
    for page in (html, as_text(hostile), json.dumps(as_json(hostile), ensure_ascii=False)):
        assert "\x1b" not in page
    assert not {"\u202e"} & set(html + as_text(hostile))
    assert "{{ 1 }}" in read(html).text


def test_the_picture_is_told_in_words_and_as_a_table(renewal: SlaExplanation) -> None:
    html = as_html(renewal)
    for number in range(html.count("<svg")):
        assert f'aria-labelledby="title-{number} desc-{number}"' in html
        assert html.count(f'id="title-{number}"') == html.count(f'id="desc-{number}"') == 1
    assert "<desc" in html
    assert html.count("<caption>") >= html.count("<svg")
    assert "The deadline is Wed 4 Nov 2026 14:00 CET." in read(html).text


def test_the_page_is_for_light_and_dark_for_phones_and_for_paper(renewal: SlaExplanation) -> None:
    html = as_html(renewal)
    assert 'name="color-scheme" content="light dark"' in html
    assert 'name="viewport"' in html
    assert "@media print" in html
    assert "light-dark(" in html


def test_data_has_every_stretch(renewal: SlaExplanation) -> None:
    data = json.loads(json.dumps(as_json(renewal)))
    first = next(clock for clock in data["clocks"] if clock["metric"] == "first_reply")
    assert first["deadline_at"] == "2026-11-04T13:00:00+00:00"
    assert [epoch["grace"] for epoch in first["epochs"]] == [None, {"seconds": 3600, "counting": "business"}]
    assert sum(span["counted_seconds"] for span in first["spans"]) == first["spans"][-1]["total_seconds"]
    assert first["spans"][0]["from"] == first["started_at"]
    assert all(one["to"] == other["from"] for one, other in zip(first["spans"], first["spans"][1:], strict=False))
    assert set(data["terms"]) == {epoch["terms"] for clock in data["clocks"] for epoch in clock["epochs"]}


def test_a_ticket_without_terms_says_what_to_do() -> None:
    said = " ".join(as_text(without_terms()).split())
    assert "First reply has no deadline: nothing has been promised for this ticket yet; keepline run does that." in said
    assert "no status changes are known" in said
    assert read(as_html(without_terms())).finished()


def test_a_ticket_without_any_clock_says_so() -> None:
    nothing = explained(TicketPast(at("11-03 09:00")), metrics=("next_reply",))
    assert "No clock has run for this ticket" in as_text(nothing)
    assert read(as_html(nothing)).finished()


def test_a_demo_says_so_in_every_form(renewal: SlaExplanation) -> None:
    demo = replace(renewal, is_demo=True)
    assert DEMO in as_text(demo)
    assert DEMO in as_html(demo)
    assert as_json(demo)["is_demo"] is True
    assert "DEMO" not in as_text(renewal) + as_html(renewal)


def test_an_old_source_and_holidays_on_the_way_are_named() -> None:
    old = a_renewal(as_of=at("11-06 10:00"), read_at=at("11-01 10:00"))
    said = " ".join(as_text(old).split())
    assert "desk, read 5 days before; sync or import it again for newer facts" in said
    assert "Company day (Thu 5 Nov 2026)" in said
    assert "closed: Company day (holiday)" in said


def test_the_clock_that_is_due_next_is_told_first() -> None:
    told = a_renewal().leading
    assert told is not None
    assert told.metric == "first_reply"
    late = a_renewal(as_of=at("11-04 17:00"))
    assert late.leading is not None
    assert (late.leading.metric, late.leading.state) == ("resolution", "running")
    assert {story.state for story in tell(late.past, late.as_of, ["first_reply"])} == {"breached"}
