"""What is promised on day one, by the shipped service levels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.documents import DEFAULTS, read
from rules.durations import length
from rules.signals.ticket import TICKET_WORDS
from rules.sla.matching import resolved
from rules.sla.policy import Policy, SlaDocument
from rules.sla.targets import METRICS
from tests.rules.company import Company, in_days
from tests.rules.sla.policies import chosen, promised, seconds, told

SHIPPED = read(DEFAULTS / "sla.yaml", SlaDocument)
ENTERPRISE: Mapping[str, Any] = {"tag": [], "acv": 15_000_000, "acv_band": "enterprise", "days_to_renewal": 45}


def test_an_enterprise_renewal_is_reviewed_in_two_hours_and_called_within_a_day() -> None:
    terms = promised(SHIPPED, **ENTERPRISE)
    assert terms is not None
    assert terms.policy == "renewal-enterprise"
    words = ("urgent", "high", "normal", "low", "unknown")
    assert terms.targets["internal_review"] == dict.fromkeys(words, length("2h elapsed"))
    assert terms.targets["outreach"] == dict.fromkeys(words, length("24h elapsed"))
    # Its own times are not halved again.
    assert terms.multipliers == ()
    assert terms.targets["first_reply"]["urgent"] == length("15m business")


@pytest.mark.parametrize(
    ("days", "policy"),
    [(91, "enterprise"), (90, "renewal-enterprise"), (0, "renewal-enterprise"), (None, "enterprise")],
)
def test_ninety_days_before_the_renewal_are_inside(days: int | None, policy: str) -> None:
    assert chosen(SHIPPED, {**ENTERPRISE, "days_to_renewal": days}) == [policy]


@pytest.mark.parametrize(
    ("cents", "days", "policy"),
    [
        (10_000_000, 45, "mid-market"), (10_000_001, 45, "renewal-enterprise"), (10_000_001, 90, "renewal-enterprise"),
        (10_000_001, 91, "enterprise"), (10_000_001, None, "enterprise"), (None, 45, "standard"),
    ],
)  # fmt: skip
def test_enterprise_begins_above_a_hundred_thousand_to_the_cent(
    cents: int | None, days: int | None, policy: str
) -> None:
    account = Company.with_account(acv_cents=cents)
    signals = (account if days is None else account.contract(in_days(days))).signals()["A1"]
    known = {name: signals[name] for name in ("acv", "acv_band", "days_to_renewal")}
    assert chosen(SHIPPED, {"tag": [], **known}) == [policy]


@pytest.mark.parametrize(
    ("band", "policy"),
    [("enterprise", "enterprise"), ("mid_market", "mid-market"), ("smb", "standard"), (None, "standard")],
)
def test_each_band_has_its_policy_and_what_is_unknown_the_standard(band: str | None, policy: str) -> None:
    assert chosen(SHIPPED, {"tag": [], "acv_band": band}) == [policy]


@pytest.mark.parametrize("band", ["mid_market", "smb", None])
def test_the_replies_to_others_are_due_in_half_the_time_before_their_renewal(band: str | None) -> None:
    near, far = (seconds(promised(SHIPPED, tag=[], acv_band=band, days_to_renewal=days)) for days in (90, 91))
    for metric in ("first_reply", "next_reply"):
        assert {word: 2 * target for word, target in near[metric].items()} == far[metric]
    assert near["resolution"] == far["resolution"]


def test_spam_is_promised_nothing_whoever_writes_it() -> None:
    terms = promised(SHIPPED, **{**ENTERPRISE, "tag": ["spam"]})
    assert terms is not None
    assert (terms.policy, terms.targets) == ("no-promise", {})


def test_the_more_urgent_has_never_more_time() -> None:
    for policy in SHIPPED.policies:
        for by_priority in policy.targets.values():
            times = [by_priority[word] for word in ("urgent", "high", "normal", "low")]
            assert [each.time for each in times if each] == sorted(each.time for each in times if each)


def test_they_work_in_every_reporting_currency() -> None:
    SHIPPED.require_currency("EUR")


def test_they_say_what_the_model_says_by_itself() -> None:
    bare, fields = SlaDocument(), set(SlaDocument.model_fields) - {"policies", "multipliers", "pauses"}
    assert {name: getattr(SHIPPED, name) for name in fields} == {name: getattr(bare, name) for name in fields}


def test_the_shipped_ones_are_those_of_the_terms() -> None:
    terms = resolved(SHIPPED, SHIPPED.policies[0], "default")
    assert terms.paused_in("resolution") == ("pending",)
    assert terms.paused_in("agent_work") == ("pending", "on_hold")
    assert terms.grace == length("1h business")


PAGE = (Path(__file__).parents[3] / "docs" / "sla.md").read_text(encoding="utf-8")
POLICIES = PAGE.partition("\n## Policies\n")[2].partition("\n## ")[0]


class TestPage:
    @pytest.mark.parametrize("word", TICKET_WORDS)
    def test_every_word_about_a_ticket_is_explained(self, word: str) -> None:
        assert f"\n| `{word}` |" in POLICIES

    @pytest.mark.parametrize("word", [*SlaDocument.model_fields, *Policy.model_fields, *METRICS])
    def test_every_word_of_the_document_is_explained(self, word: str) -> None:
        assert f"`{word}`" in POLICIES

    def test_its_document_can_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / "sla.yaml"
        path.write_text(POLICIES.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
        assert [policy.id for policy in read(path, SlaDocument).policies] == [
            "no-promise", "renewal-enterprise", "standard",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("known", "targets"),
        [
            (
                {"acv": 15_000_000, "acv_band": "enterprise", "days_to_renewal": 45},
                "15m business | 2h elapsed | 24h elapsed",
            ),
            ({"acv": 6_000_000, "acv_band": "mid_market", "days_to_renewal": 45}, "30m business | – | –"),
            ({}, "2h business | – | –"),
        ],
    )
    def test_its_example_is_what_comes_out(self, known: Mapping[str, Any], targets: str) -> None:
        [(why, _)] = told(SHIPPED, {"tag": [], "priority": "urgent", **known})
        [row] = [line for line in POLICIES.splitlines() if f"`{why[:130]}" in line]
        terms = promised(SHIPPED, tag=[], **known)
        assert terms is not None
        assert f"`{terms.policy}` | {targets} |" in row
        found = [
            terms.targets.get(metric, {}).get("urgent") for metric in ("first_reply", "internal_review", "outreach")
        ]
        assert found == [None if text == "–" else length(text) for text in targets.split(" | ")]
