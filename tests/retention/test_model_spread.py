"""All models side by side: the same whole under each, and how far they lie apart for a kind of touch."""

import pytest
from hypothesis import given, settings

from retention.attribution import MODELS, UNATTRIBUTED, Amount, kept_credits, lost_credits
from retention.model_spread import model_spread
from tests.retention.facts import rows
from tests.retention.test_attribution import (
    Rows,
    an_outcome,
    outcome_frame,
    outcome_lists,
    touch,
    touch_frame,
    touch_lists,
)

PATH = [touch(50), touch(40, "escalation_handled"), touch(20), touch(10, "csm_call")]


def test_every_model_credits_the_same_whole_and_differs_by_kind() -> None:
    alone = an_outcome(outcome_id="alone", account_id=2, kept_cents=700)
    found = model_spread(outcome_frame(an_outcome(), alone), touch_frame(PATH))
    assert [each.model for each in found.models] == list(MODELS)
    assert {(each.credited_cents, each.unattributed_cents) for each in found.models} == {(10_000, 700)}
    assert found.of_model("u_shaped").by_kind == {
        "ticket_resolved": 5_000,
        "csm_call": 4_000,
        "escalation_handled": 1_000,
    }
    call = next(kind for kind in found.kinds if kind.kind == "csm_call")
    assert (call.least_cents, call.least_model, call.most_cents, call.most_model) == (0, "first", 10_000, "last")
    assert call.spread_cents == 10_000


def test_markov_has_its_figure_over_all_outcomes_together_beside_it() -> None:
    found = model_spread(outcome_frame(an_outcome()), touch_frame(PATH))
    assert sum(found.of_model("markov").pooled.values()) == found.credited_cents
    assert found.of_model("linear").pooled == {}


def test_without_outcomes_nothing_is_credited() -> None:
    found = model_spread(outcome_frame(), touch_frame(PATH))
    assert (found.currency, found.credited_cents, found.unattributed_cents, found.kinds) == (None, 0, 0, ())


def test_amounts_of_two_currencies_are_not_summed() -> None:
    with pytest.raises(ValueError, match="EUR, USD cannot be summed"):
        model_spread(outcome_frame(an_outcome(), an_outcome(outcome_id="e", currency="EUR")), touch_frame(PATH))


@pytest.mark.parametrize("of", ["kept", "lost"])
@settings(deadline=None, max_examples=25)
@given(outcome_lists, touch_lists)
def test_the_spread_is_that_of_the_credits_of_each_model(of: Amount, outcomes: Rows, touches: Rows) -> None:
    frames = outcome_frame(*outcomes), touch_frame(touches)
    found = model_spread(*frames, of=of)
    for each in found.models:
        shares = rows((kept_credits if of == "kept" else lost_credits)(*frames, each.model))
        column = "credit_cents" if of == "kept" else "lost_cents"
        for kind, cents in {**each.by_kind, UNATTRIBUTED: each.unattributed_cents}.items():
            assert cents == sum(row[column] for row in shares if row["touch_kind"] == kind)
    for spread in found.kinds:
        amounts = [each.by_kind[spread.kind] for each in found.models]
        assert (min(amounts), max(amounts)) == (spread.least_cents, spread.most_cents)
