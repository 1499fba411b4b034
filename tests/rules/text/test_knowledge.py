"""Which issues an article answers, and what a draft is made of."""

from datetime import timedelta

import pytest

from console.gap_draft import as_markdown
from rules.text.knowledge.covering import ArticleText, IssueText, coverage
from rules.text.knowledge.drafting import draft
from rules.text.summaries import Thread
from tests.rules.text.threads import BEGINS, said

TOPICS = {
    "export": "The export of the order list stops after ten thousand rows.",
    "login": "Signing in with the identity provider ends in a loop of redirects.",
    "invoice": "The invoice shows the wrong VAT number and the wrong amount.",
    "webhook": "Webhooks for paid orders arrive half an hour late.",
    "tablet": "The app on tablets crashes as soon as a photo is taken.",
    "heating": "The heating schedule of the building starts two hours late.",
    "scanner": "Every scan of a pallet is booked twice in the warehouse.",
}
ISSUES = [
    IssueText(name, f"{text} Could you please have a look at it?", f"{text} We found the cause and have a fix for you.")
    for name, text in TOPICS.items()
]
ARTICLES = [
    ArticleText("a1", "Exports that stop after ten thousand rows", "Export the order list by region."),
    ArticleText("a2", "Redirects after signing in", "Check the identity provider: a loop comes from a wrong domain."),
    ArticleText("a3", "Holidays", "Our support is closed on public holidays, please have a look at our calendar."),
]


class TestCoverage:
    """An article against an issue."""

    def test_an_article_about_an_issue_answers_it_and_no_other(self) -> None:
        found = {each.issue_id: each for each in coverage(ISSUES, ARTICLES)}
        assert {name for name, each in found.items() if each.is_answered} == {"export", "login"}
        assert (found["export"].article_ref, found["login"].article_ref) == ("a1", "a2")

    def test_the_threshold_is_the_team_s_own(self) -> None:
        [few, *_] = coverage(ISSUES[:2], ARTICLES)
        [many, *_] = coverage(ISSUES, ARTICLES)
        assert few.threshold == 0.25
        assert 0.12 <= many.threshold < 0.25

    def test_without_articles_nothing_is_answered(self) -> None:
        assert not any(each.is_answered or each.article_ref for each in coverage(ISSUES, []))

    @pytest.mark.parametrize("text", ["", "🙂", "the and of"])
    def test_an_issue_without_words_is_not_answered(self, text: str) -> None:
        [found] = coverage([IssueText("x", text, text)], ARTICLES)
        assert not found.is_answered

    def test_no_issues_have_no_coverage(self) -> None:
        assert coverage([], ARTICLES) == []


def a_thread(number: int, question: str, answer: str, *, solved: bool = True) -> Thread:
    at = BEGINS + timedelta(days=number)
    ref = f"T-{number}"
    texts = (("customer", question), ("agent", "Thank you, we are looking into it."), ("agent", answer))
    messages = tuple(
        said(author, text, 24 * number + place).model_copy(update={"ticket_ref": ref})  # type: ignore[arg-type]
        for place, (author, text) in enumerate(texts)
    )
    done = at + timedelta(hours=9) if solved else None
    return Thread(ref, "Export stops", "solved" if solved else "open", at, done, messages, "export")


class TestDraft:
    """What an article could be made of."""

    ASKED = "The export of the order list stops after 10,000 rows."
    DONE = "Please export the order list by region, each region is below the limit."
    NOW = BEGINS + timedelta(days=60)

    def test_steps_come_from_solved_tickets_alone(self) -> None:
        threads = [a_thread(1, self.ASKED, self.DONE), a_thread(2, self.ASKED, "Restart the browser.", solved=False)]
        found = draft("export", threads, self.NOW)
        assert (found.tickets, found.solved) == (2, 1)
        assert [each.quote.line for each in (*found.steps, *found.fixed)] == [self.DONE]

    def test_what_many_tickets_say_is_told_once_with_all_of_them(self) -> None:
        found = draft("export", [a_thread(number, self.ASKED, self.DONE) for number in range(5)], self.NOW)
        assert [len(each.tickets) for each in found.asked] == [5]
        assert [len(each.tickets) for each in found.fixed] == [5]
        assert "alike in 4 other tickets" in as_markdown(found, self.NOW)

    def test_a_reply_that_holds_off_is_no_advice(self) -> None:
        found = draft("export", [a_thread(1, self.ASKED, "We will get back to you soon.")], self.NOW)
        assert (found.steps, found.fixed) == ((), ())
        assert "No solved ticket says what solved it." in as_markdown(found, self.NOW)

    def test_no_threads_make_an_empty_draft(self) -> None:
        assert "No customer wrote a sentence" in as_markdown(draft("export", [], self.NOW), self.NOW)

    def test_what_a_customer_wrote_becomes_no_markup(self) -> None:
        asked = "The export ![x](https://evil.example/p.png) <script>alert(1)</script> of *all* lists [fails](http://e.example)."
        written = as_markdown(draft("# <b>", [a_thread(1, asked, self.DONE)], self.NOW), self.NOW)
        assert "<script" not in written.replace("\\<script", "")
        assert "](" not in written.replace("\\](", "")
        assert "://" not in written.replace("\\://", "")
        assert written.startswith("# \\# \\<b\\>")
