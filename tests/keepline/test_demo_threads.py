"""The demo company's support: threads that go on like real ones, moods that a reader of sentiment can hear."""

from datetime import UTC, datetime, timedelta
from statistics import mean

import polars as pl
import pytest

from keepline.demo.clock import after_desk_time
from keepline.demo.dice import Dice
from keepline.demo.speech import Voice, issues_of, read_phrases
from rules.text.sentiment import sentiment_scores
from tests.keepline.conftest import Demo


def heard(tone: str, kind: str | None) -> float:
    """Mean reading of openings (`kind` None) or replies in a tone."""
    dice, phrases = Dice("tone", tone), read_phrases()
    texts = []
    for issue in issues_of(phrases):
        for _ in range(3):
            slots = {"product": "Charts", "company": "Teal Cove", "weekday": "Monday"}
            voice = Voice(dice, phrases, issue, tone, "en", slots)
            texts.append(voice.reply(kind, "Hello") if kind else voice.opening())
    return mean(score or 0 for score in sentiment_scores(texts))


def test_tones_can_be_told_apart_by_their_words() -> None:
    angry, frustrated, neutral, friendly = (
        heard(tone, None) for tone in ("angry", "frustrated", "neutral", "friendly")
    )
    assert angry < -60 < -30 > frustrated
    assert -12 < neutral < 12
    assert friendly > 40


@pytest.mark.parametrize("tone", ["neutral", "frustrated", "friendly"])
def test_a_solved_problem_sounds_relieved(tone: str) -> None:
    assert heard(tone, "relieved") > 50


def test_threads_have_one_to_eight_messages_and_begin_with_the_customer(demo: Demo) -> None:
    threads = demo.messages.group_by("ticket_ref", maintain_order=True).agg(
        pl.len(), pl.col("author_kind").first(), pl.col("sent_at")
    )
    assert threads.height == demo.tickets.height
    assert (threads["len"].min(), threads["len"].max()) == (1, 8)
    assert set(threads["author_kind"]) == {"customer"}
    assert threads["sent_at"].list.diff().list.eval(pl.element() >= timedelta(0)).list.all().all()


def test_a_ticket_s_times_are_those_of_its_messages_and_events(demo: Demo) -> None:
    replies = demo.messages.filter(pl.col("author_kind") == "agent", pl.col("public"))
    first = replies.group_by("ticket_ref").agg(pl.col("sent_at").min())
    tickets = demo.tickets.join(first, left_on="external_id", right_on="ticket_ref", how="left")
    assert tickets["first_replied_at"].equals(tickets["sent_at"])
    solved = (
        demo.events.filter(kind="status", to_value="solved").group_by("ticket_ref").agg(pl.col("happened_at").max())
    )
    done = demo.tickets.filter(pl.col("status").is_in(["solved", "closed"]))
    joined = done.join(solved, left_on="external_id", right_on="ticket_ref", how="left")
    assert joined["resolved_at"].equals(joined["happened_at"])
    assert demo.tickets.filter(~pl.col("status").is_in(["solved", "closed"]))["resolved_at"].null_count() == (
        demo.tickets.height - done.height
    )


def test_status_events_form_a_chain_that_ends_in_the_ticket_s_status(demo: Demo) -> None:
    chain = demo.events.filter(kind="status").with_columns(before=pl.col("to_value").shift(1).over("ticket_ref"))
    assert (chain["before"].fill_null("new") == chain["from_value"]).all()
    assert set(chain["to_value"]) == {"open", "pending", "on_hold", "solved", "closed"}
    last = chain.group_by("ticket_ref", maintain_order=True).agg(pl.col("to_value").last())
    joined = demo.tickets.join(last, left_on="external_id", right_on="ticket_ref", how="left")
    assert (joined["to_value"].fill_null("new") == joined["status"]).all()


def test_some_tickets_are_reopened_escalated_handed_over_and_still_open(demo: Demo) -> None:
    reopened = demo.events.filter(kind="status", from_value="solved", to_value="open").height
    assert 0.02 < reopened / demo.tickets.height < 0.06
    assert 0.01 < (demo.tickets["escalated"] == "true").mean() < 0.06  # type: ignore[operator]
    assert set(demo.events["kind"]) == {"status", "assignee", "escalated", "priority"}
    waiting = demo.tickets.filter(pl.col("status").is_in(["new", "open", "pending", "on_hold"]))
    assert 10 < waiting.height < 400
    assert (waiting["created_at"] > datetime(2026, 5, 1, tzinfo=UTC)).all()


def test_urgent_tickets_are_answered_sooner(demo: Demo) -> None:
    waited = demo.tickets.with_columns(waited=pl.col("first_replied_at") - pl.col("created_at"))
    medians = dict(waited.group_by("priority").agg(pl.col("waited").median()).iter_rows())
    assert medians["urgent"] < medians["high"] < medians["normal"] < medians["low"]


def test_bots_and_autoresponders_write_too(demo: Demo) -> None:
    bots = demo.messages.filter(author_kind="bot")
    assert bots["text"].str.contains("received").all()
    away = demo.messages.filter(
        pl.col("text").str.contains("(?i)out of (the )?office|Abwesenheitsnotiz|Réponse automatique")
    )
    assert away.height > 300
    assert set(away["author_kind"]) == {"customer"}
    assert demo.messages.filter(~pl.col("public"))["author_kind"].unique().to_list() == ["agent"]


@pytest.mark.parametrize("part", ["=SUM(1)", "🙏", "<script>", "DROP TABLE"])
def test_a_handful_of_subjects_looks_hostile(demo: Demo, part: str) -> None:
    assert 1 <= demo.tickets["subject"].str.contains(part, literal=True).sum() <= 10


def test_some_messages_are_untidy(demo: Demo) -> None:
    texts = demo.messages.filter(author_kind="customer")["text"]
    assert texts.str.contains("<br>", literal=True).sum() > 100
    assert texts.str.contains("\n\n> ", literal=True).sum() > 500


def test_texts_vary(demo: Demo) -> None:
    first = demo.messages.filter(pl.col("external_id").str.ends_with("-m1"))["text"]
    assert first.n_unique() > 0.95 * len(first)
    assert not demo.messages["text"].str.contains(r"\{\w+\}").any()


def test_about_four_in_ten_solved_tickets_are_rated_and_anger_rates_low(demo: Demo) -> None:
    csat = demo.surveys.filter(kind="csat")
    assert csat.height / demo.tickets["resolved_at"].count() == pytest.approx(0.40, abs=0.02)
    day = pl.col("answered_at").dt.date()
    angry = [
        score
        for e in demo.truth.episodes
        if e.kind == "anger"
        for score in csat.filter(
            pl.col("account_ref") == e.account, day >= e.began_on, day < e.began_on + timedelta(days=25)
        )["score"]
    ]
    assert mean(angry) < 2.8
    assert csat["score"].mean() > 4.0  # type: ignore[operator]


def test_surveys_stay_on_their_scales(demo: Demo) -> None:
    assert set(demo.surveys["kind"]) == {"csat", "ces", "nps"}
    assert demo.surveys.select(pl.col("score").is_between("scale_min", "scale_max")).to_series().all()
    nps = demo.surveys.filter(kind="nps")
    assert nps["answered_at"].dt.truncate("1q").n_unique() == 8
    assert nps["ticket_ref"].null_count() == nps.height


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-06-22 09:00", 1, "2026-06-22 10:00"),
        ("2026-06-22 05:00", 1, "2026-06-22 08:00"),
        ("2026-06-22 20:30", 1, "2026-06-23 07:30"),
        ("2026-06-26 20:30", 1, "2026-06-29 07:30"),
        ("2026-06-27 12:00", 14.5, "2026-06-30 07:30"),
    ],
)
def test_the_desk_works_from_seven_to_nine_on_weekdays(moment: str, hours: float, expected: str) -> None:
    start, end = (int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) for text in (moment, expected))
    assert after_desk_time(start, int(hours * 3600)) == end
