"""Evidence: what counts as asking to leave and what does not, and the laws that every finding obeys."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.text import churn_spans, evidence
from rules.text.findings import EvidenceDocument, EvidenceReader, extended, shipped_content, shipped_reader
from rules.text.findings.phrases import Lexicon, WrongPhrase
from rules.text.findings.sentences import READ_CHARACTERS, sentences
from rules.text.findings.trial import broken_examples, count_examples

HERE = Path(__file__).parent


def labelled(name: str) -> list[tuple[bool, str]]:
    """`(whether it is churn intent, sentence)` of a file of ours."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [(line[0] == "+", line[2:]) for line in lines if line.strip()]


def figures(name: str) -> tuple[float, float]:
    """Precision and recall of churn intent."""
    wanted, texts = zip(*labelled(name), strict=True)
    found = [bool(spans) for spans in churn_spans(texts)]
    right = sum(want and find for want, find in zip(wanted, found, strict=True))
    return right / sum(found), right / sum(wanted)


def own(**content: object) -> EvidenceReader:
    """The shipped rules with a lead's own."""
    return EvidenceReader(EvidenceDocument.model_validate(extended(content, shipped_content())))


RULE = {"id": "globex", "kind": "churn_intent", "phrases": ["globex pilot"]}


def kinds(text: str) -> list[str]:
    return [span.kind for span in evidence([text])[0]]


class TestHowWell:
    def test_sentences_put_aside_before_there_were_rules(self) -> None:
        precision, recall = figures("churn_held_out.txt")
        assert precision >= 0.97
        assert recall >= 0.93

    def test_sentences_that_the_rules_were_made_with(self) -> None:
        precision, recall = figures("churn_tuned_on.txt")
        assert precision >= 0.98
        assert recall >= 0.95

    def test_every_rule_keeps_its_examples(self) -> None:
        assert list(broken_examples(shipped_reader())) == []
        assert min(count_examples(shipped_reader())) > 40


class TestWhatIsMeant:
    @pytest.mark.parametrize(
        ("churn", "no_churn"),
        [
            ("Please close our account.", "Please close our ticket."),
            ("Please cancel our plan.", "Please cancel our order."),
            ("We want to cancel our contract.", "We do not want to cancel our contract."),
            ("We want to cancel our contract.", "Our customers want to cancel their contract."),
            ("If it is not fixed by Friday we will leave.", "We will not leave over this."),
            ("We're leaving at the end of the term.", "I'm leaving for vacation."),
            ("We're moving to Zendesk.", "We're moving to Berlin."),
            ("We moved away from your platform.", "We moved to you from Zendesk."),
            ("How do we terminate the agreement?", 'The page says "terminate the agreement" in red.'),
            ("We'd like to unsubscribe our company.", "We'd like to unsubscribe from the newsletter."),
        ],
    )
    def test_the_object_the_subject_and_a_denial_decide(self, churn: str, no_churn: str) -> None:
        assert churn_spans([churn])[0]
        assert not churn_spans([no_churn])[0]

    @pytest.mark.parametrize(
        "text",
        [
            "PLEASE CANCEL OUR SUBSCRIPTION!!!",
            "please cancel our subscription",
            "We won't renew.",
            "We won’t renew.",
            "pls cancle my subscribtion",
            "Please cancel\nour subscription at the end of this month, since we have decided on another way to do it.",
        ],
    )
    def test_case_quotes_slips_and_wrapped_lines_do_not_matter(self, text: str) -> None:
        assert churn_spans([text])[0]

    def test_quoted_lines_are_not_the_authors(self) -> None:
        assert not churn_spans(["Thanks!\n> Please cancel our subscription.\n> Regards"])[0]

    def test_a_word_within_a_word_is_none(self) -> None:
        assert not churn_spans(["The cancelling-noise-subscriptionless headset works."])[0]

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("I want to speak to your manager.", "escalation_asked"),
            ("This is the third time I write about this.", "repeat_complaint"),
            ("Our software budget has been cut.", "budget_cut"),
            ("Our lawyers will contact you about this breach of contract.", "legal_trouble"),
            ("We need ten more licences.", "expansion_interest"),
            ("Our head of operations has left the company.", "contact_leaving"),
            ("Thank you for the excellent support!", "praise"),
            ("One of your competitors does this.", "competitor_named"),
        ],
    )
    def test_each_kind_has_its_words(self, text: str, kind: str) -> None:
        assert kind in kinds(text)


PARTS = st.sampled_from(
    [text for _, text in labelled("churn_tuned_on.txt")[::9]]
    + ["Hello!", "Ünïcode — “quotes”", "a.b\n\n* c", "", "İ ß"]
)


class TestLaws:
    @settings(deadline=None, max_examples=60)
    @given(st.lists(PARTS, max_size=4).map("\n\n".join) | st.text(max_size=200))
    def test_a_finding_is_the_words_that_stand_at_its_place(self, text: str) -> None:
        for span in evidence([text])[0]:
            assert 0 <= span.begins_at < span.ends_at <= len(text)
            assert text[span.begins_at : span.ends_at] == span.said
            assert " ".join(span.said.split()) in span.sentence

    @settings(deadline=None, max_examples=30)
    @given(st.permutations(["We quit your service.", "Hi", "Please close our account.", "Thanks!"]))
    def test_the_order_of_texts_does_not_matter(self, texts: list[str]) -> None:
        assert evidence(texts) == [evidence([text])[0] for text in texts]

    @settings(deadline=None, max_examples=60)
    @given(PARTS, st.sampled_from(["It rains today.", "Thanks, we like the new dashboard.", "Is it warm there?"]))
    def test_an_unrelated_sentence_takes_no_finding_away(self, text: str, unrelated: str) -> None:
        alone = {(span.kind, span.said) for span in evidence([text])[0]}
        before = {(span.kind, span.said) for span in evidence([f"{unrelated}\n\n{text}"])[0]}
        after = {(span.kind, span.said) for span in evidence([f"{text}\n\n{unrelated}"])[0]}
        assert alone <= before & after

    def test_only_the_beginning_of_a_long_text_is_read(self) -> None:
        assert churn_spans(["a " * (READ_CHARACTERS // 2 - 20) + "\n\nCancel our plan."])[0]
        assert not churn_spans(["a " * READ_CHARACTERS + "\n\nCancel our plan."])[0]


class TestPhrases:
    LEXICON = Lexicon({"closing": ("close", "shut down"), "outside": ("ticket",)})

    def found(self, phrase: str, text: str) -> bool:
        compiled = self.LEXICON.compiled(phrase)
        [sentence] = sentences(text)
        return bool(compiled.pattern.search(self.LEXICON.line(sentence.words).text))

    @pytest.mark.parametrize(
        ("phrase", "text"),
        [
            ("will not renew", "We won't renew"),
            ("cancel* plan", "cancelling plan"),
            ("<closing> it", "please shut down it now"),
            ("stop|<closing> it", "close it"),
            ("<out of|away from> it", "away from it"),
            ("close (our|all of the) shop", "close shop"),
            ("close (our|all of the) shop", "close all of the shop"),
            ("close .. shop", "close our lovely little shop"),
            ("close ~ shop", "close it, then, the shop"),
            ("^ close", "close it"),
            ("close $", "close, please"),
            ("e-mail", "by e-mail"),
        ],
    )
    def test_each_sign_finds(self, phrase: str, text: str) -> None:
        assert self.found(phrase, text)

    @pytest.mark.parametrize(
        ("phrase", "text"),
        [
            ("close ... shop", "close the ticket of our shop"),
            ("close .. shop", "close the door of our shop"),
            ("close ... shop", "close it, our shop"),
            ("^ close", "please close"),
            ("close $", "close it"),
            ("cancel", "cancelled"),
        ],
    )
    def test_and_no_more_than_it_says(self, phrase: str, text: str) -> None:
        assert not self.found(phrase, text)

    @pytest.mark.parametrize(
        ("phrase", "remedy"),
        [
            ("<closin> it", "did you mean 'closing'"),
            ("(maybe) ..", "write at least one"),
            ("a <b|c", "close it"),
            ("a) b", "remove it"),
            ("a || b", "empty choice"),
            ("a .. b .. c .. d .. e", "make two phrases"),
            ("(?:a+)+$", "is no word"),
            ("[abc] d", "is no word"),
        ],
    )
    def test_what_is_wrong_is_told_with_what_would_be_right(self, phrase: str, remedy: str) -> None:
        with pytest.raises(WrongPhrase, match=remedy):
            self.LEXICON.compiled(phrase)


class TestDocument:
    def test_own_rules_come_to_the_shipped_ones(self) -> None:
        reader = own(rules=[RULE])
        assert [span.rule for span in reader.spans("We began a Globex pilot.")] == ["globex"]
        assert reader.spans("Please cancel our plan.")

    def test_a_rule_of_the_same_id_takes_the_place_of_the_shipped_one(self) -> None:
        reader = own(rules=[{"id": "praise", "kind": "praise", "phrases": ["splendid"]}])
        assert not reader.spans("Thank you for the excellent support!")
        assert reader.spans("Splendid!")

    def test_a_rule_can_be_switched_off(self) -> None:
        assert not own(off=["praise"]).spans("Thank you for the excellent support!")

    def test_competitors_are_named_by_the_company(self) -> None:
        assert not evidence(["Globex has that."])[0]
        assert [span.kind for span in own(competitors=["Globex"]).spans("Globex has that.")] == ["competitor_named"]

    def test_own_words_come_to_a_shipped_list(self) -> None:
        assert not churn_spans(["Please cancel our abo."])[0]
        assert own(words={"agreement": ["abo"]}).spans("Please cancel our abo.")

    def test_the_reader_s_name_follows_the_rules_but_not_their_examples(self) -> None:
        shown = {**RULE, "examples": ["A Globex pilot began."]}
        changed = {**RULE, "phrases": ["globex trial"]}
        assert own(rules=[RULE]).reader == own(rules=[shown]).reader != own(rules=[changed]).reader

    def test_an_unknown_kind_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(ValidationError, match="did you mean 'praise'"):
            own(rules=[{"id": "x", "kind": "prais", "phrases": ["splendid"]}])
