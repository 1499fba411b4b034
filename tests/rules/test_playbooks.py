"""What a playbook is, what is refused, and what ships."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from ruamel.yaml import YAML

from config.documents import DEFAULTS, read
from domain.escalations import Decision
from rules.conditions import sentence
from rules.evaluation import Evaluation, evaluate
from rules.playbooks import Playbook, PlaybookFile, parse, playbook_schema, require_currency
from rules.signals import SIGNALS, SignalWindows, Value, account_signals
from tests.rules.company import AS_OF, Company, in_days, signal_frame

USED = {"usage_prior_7d": 20, "active_days_prior_7d": 3, "acv": 1}
STEP = {"do": "internal review", "owner": "support_lead", "within": "2h elapsed"}


def a_playbook(**changed: Any) -> dict[str, Any]:
    when = {"signal": "tickets_7d", "op": ">=", "value": 5}
    return {"id": "busy", "name": "Busy", "when": when, "steps": [STEP], **changed}


def playbook(**changed: Any) -> Playbook:
    return parse([{"playbooks": [a_playbook(**changed)]}])[0]


class TestReading:
    def test_what_is_left_out_has_a_plain_default(self) -> None:
        busy = playbook()
        assert (busy.family, busy.priority, busy.cooldown, busy.expires_after) == ("busy", "normal", "7d", "14d")

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            (
                {"steps": [{**STEP, "within": "24h"}]},
                "must say how it is counted: write '24h business' or '24h elapsed'",
            ),
            ({"steps": [{**STEP, "within": "1d business"}]}, "a business day has no fixed length"),
            ({"steps": [{**STEP, "within": "soon"}]}, "no length of time"),
            ({"steps": [{**STEP, "ownr": "csm"}]}, "did you mean 'owner'"),
            ({"steps": []}, "at least 1"),
            ({"cooldown": "7 business days"}, "no length of time"),
            ({"cooldown": "7d business"}, "need a calendar"),
            ({"priority": "urgnt"}, "did you mean 'urgent'"),
            ({"id": "No Spaces"}, "write 'no-spaces'"),
            ({"hold_for": "2h business"}, "need a calendar"),
            ({"hold_for": "a while"}, "no length of time"),
            ({"clear_when": {}}, "exactly one of all, any, not"),
            ({"clear_when": {"signal": "tickets_7d", "op": ">=", "value": 5.0}}, "the same as when"),
            ({"valid_from": "soon"}, "write it like 2026-01-31"),
            ({"valid_from": "2026-02-01", "valid_until": "2026-02-01"}, "not after valid_from"),
            ({"scope": "tickets"}, "did you mean 'ticket'"),
            ({"sla": {}}, "unknown word in a playbook 'sla'"),
            ({"actions": []}, "at least 1"),
            ({"actions": [{"set_priorty": "urgent"}]}, "did you mean 'set_priority'"),
            ({"actions": [{"set_priority": "urgnt"}]}, "did you mean 'urgent'"),
            ({"actions": [{"add_tag": "a", "notify": "b"}]}, "an action is exactly one of"),
            ({"actions": [{"approval": True}]}, "an action is exactly one of"),
            ({"actions": [{"crm_task": "call {acount}"}]}, "did you mean 'account'"),
            ({"steps": [{**STEP, "if": "no answer"}]}, "unknown branch 'no answer'"),
            ({"steps": [{**STEP, "approval": "yes"}]}, "write true or false"),
            ({"steps": [{**STEP, "message": "Dear {acv.__class__}"}]}, "one fact's name and nothing else"),
            ({"steps": [{**STEP, "message": "Dear {acv!r}"}]}, "one fact's name and nothing else"),
            ({"steps": [{**STEP, "message": "Dear {acv:>9999999}"}]}, "one fact's name and nothing else"),
            ({"steps": [{**STEP, "message": "Dear {tickts_7d}"}]}, "did you mean 'tickets_7d'"),
            ({"steps": [{**STEP, "message": "About {ticket_age}"}]}, "unknown fact in a message 'ticket_age'"),
            ({"coldown": "7d"}, "did you mean 'cooldown'"),
        ],
    )
    def test_what_is_not_supported_is_refused(self, changed: dict[str, Any], message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            playbook(**changed)

    def test_ids_are_unique_inside_and_across_documents(self) -> None:
        document = {"playbooks": [a_playbook()]}
        with pytest.raises(ValueError, match="two playbooks have the id 'busy'"):
            parse([document, document])
        with pytest.raises(ValidationError, match="two playbooks have the id 'busy'"):
            parse([{"playbooks": [a_playbook(), a_playbook()]}])

    def test_the_place_of_an_error_is_known(self) -> None:
        with pytest.raises(ValidationError) as refused:
            parse([{"playbooks": [a_playbook(), a_playbook(when={"all": [{"signal": "x"}]})]}])
        places = [error["loc"] for error in refused.value.errors()]
        assert places == [("playbooks", 1, "id"), ("playbooks", 1, "when", "all", 0, "signal")]


class TestSentences:
    def test_a_condition_may_be_written_as_a_sentence_and_is_the_same_rule(self) -> None:
        assert playbook(when="tickets in 7 days at least 5").content_hash == playbook().content_hash

    def test_a_sentence_about_tickets_knows_their_signals(self) -> None:
        urgent = playbook(scope="ticket", when="priority equal to urgent and ACV known")
        assert urgent.when.signals()[0] == "priority"

    def test_what_is_not_understood_is_told_with_its_place_in_the_sentence(self) -> None:
        with pytest.raises(
            ValidationError, match=r"at character 1, .tikets in 7 days.*did you mean .tickets in 7 days"
        ):
            playbook(when="tikets in 7 days at least 5")


class TestContentHash:
    def test_the_order_of_keys_and_the_spelling_of_numbers_do_not_matter(self) -> None:
        turned = dict(reversed(a_playbook().items()))
        turned["when"] = {"value": 5.0, "op": ">=", "signal": "tickets_7d"}
        assert parse([{"playbooks": [turned]}])[0].content_hash == playbook().content_hash

    @pytest.mark.parametrize(
        "changed",
        [{"name": "x"}, {"priority": "low"}, {"steps": [STEP, STEP]}, {"cooldown": "8d"}, {"family": "other"}],
    )
    def test_any_other_change_makes_another_rule(self, changed: dict[str, Any]) -> None:
        assert playbook(**changed).content_hash != playbook().content_hash


def test_the_schema_describes_the_document() -> None:
    schema = playbook_schema()
    shapes = schema["$defs"]["Condition"]["oneOf"]
    assert [shape["required"] for shape in shapes] == [["all"], ["any"], ["not"], ["signal", "op"]]
    known, own = shapes[3]["properties"]["signal"]["anyOf"]
    assert known["enum"] == list(SIGNALS)
    assert own["pattern"].startswith("^(text|number|date)_field_")
    assert set(schema["$defs"]["Playbook"]["properties"]) == set(Playbook.model_fields)
    assert schema["$defs"]["Playbook"]["required"] == ["id", "name", "when", "steps"]


class TestSchema:
    CHECKED = Draft202012Validator(playbook_schema())

    def mistakes(self, **changed: Any) -> list[str]:
        document = {"playbooks": [a_playbook(**changed)]}
        return [error.message for error in self.CHECKED.iter_errors(document)]

    def test_it_is_a_schema_and_the_shipped_playbooks_are_valid(self) -> None:
        Draft202012Validator.check_schema(playbook_schema())
        shipped = YAML(typ="safe", pure=True).load(DEFAULTS / "playbooks.yaml")
        assert [error.message for error in self.CHECKED.iter_errors(shipped)] == []

    @pytest.mark.parametrize(
        "changed",
        [
            {"when": "tickets in 7 days at least 5"},
            {"scope": "ticket", "when": {"signal": "ticket_age", "op": ">", "value": "2h elapsed"}},
            {"hold_for": "2d", "clear_when": {"signal": "tickets_7d", "op": "<", "value": 3}},
            {"valid_from": "2026-01-01", "valid_until": "2026-02-01"},
            {"when": {"signal": "usage_drop_7d", "op": ">=", "value": "50 %"}},
            {"when": {"signal": "text_field_plan", "op": "==", "value": "gold"}},
            {"steps": [{**STEP, "if": "no reply", "approval": True, "message": "{account}"}]},
            {"actions": [{"notify": "#renewals"}, {"message_customer": "Hello", "approval": True}]},
        ],
    )
    def test_every_word_is_known_to_it(self, changed: dict[str, Any]) -> None:
        assert playbook(**changed)
        assert self.mistakes(**changed) == []

    @pytest.mark.parametrize(
        "changed",
        [
            {"when": {"signal": "ticket_age", "op": ">", "value": "2h elapsed"}},
            {"when": {"signal": "segment", "op": ">", "value": "smb"}},
            {"when": {"signal": "acv", "op": ">", "value": 5}},
            {"when": {"signal": "tickets_7d", "op": "=>", "value": 5}},
            {"scope": "tickets"},
            {"id": "No Spaces"},
            {"steps": [{**STEP, "if": "no answer"}]},
            {"actions": [{"shout": "loud"}]},
            {"coldown": "7d"},
        ],
    )
    def test_it_refuses_what_the_reader_refuses(self, changed: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            playbook(**changed)
        assert self.mistakes(**changed)


SHIPPED = read(DEFAULTS / "playbooks.yaml", PlaybookFile).playbooks


def fired(**values: Value) -> set[str]:
    """Which shipped playbooks fire for an account with these values, everything else unknown."""
    return {decision.playbook for decision in evaluate(signal_frame([values]), SHIPPED, AS_OF, "USD").decisions}


class TestShipped:
    def test_the_shipped_windows_are_the_models_own(self) -> None:
        assert read(DEFAULTS / "signals.yaml", SignalWindows) == SignalWindows()

    def test_they_work_in_every_reporting_currency(self) -> None:
        require_currency(SHIPPED, "EUR")

    def test_each_can_be_said_in_english(self) -> None:
        assert all(sentence(playbook.when) for playbook in SHIPPED)

    @pytest.mark.parametrize(
        ("playbook", "below", "at"),
        [
            ("volume-spike", {"tickets_7d": 9, "ticket_ratio_7d": 2.99}, {"tickets_7d": 9, "ticket_ratio_7d": 3.0}),
            ("volume-spike", {"tickets_7d": 4, "ticket_ratio_7d": 9.0}, {"tickets_7d": 5, "ticket_ratio_7d": 9.0}),
            (
                "volume-spike",
                {"tickets_7d": 4, "ticket_baseline_7d": 0.0},
                {"tickets_7d": 5, "ticket_baseline_7d": 0.0},
            ),
            (
                "volume-growth",
                {"ticket_growth_30d": 0.49, "tickets_30d": 15},
                {"ticket_growth_30d": 0.5, "tickets_30d": 15},
            ),
            (
                "volume-growth",
                {"ticket_growth_30d": 0.5, "tickets_30d": 9},
                {"ticket_growth_30d": 0.5, "tickets_30d": 10},
            ),
            (
                "silence",
                {"days_since_last_ticket": 59, "tickets_in_habit_window": 12, "acv": 1},
                {"days_since_last_ticket": 60, "tickets_in_habit_window": 12, "acv": 1},
            ),
            (
                "silence",
                {"days_since_last_ticket": 60, "tickets_in_habit_window": 12},
                {"days_since_last_ticket": 60, "tickets_in_habit_window": 12, "acv": 1},
            ),
            ("repeated-issue", {"repeated_issue_count": 3}, {"repeated_issue_count": 4}),
            (
                "negative-sentiment",
                {"segment": "enterprise", "sentiment": -34.9},
                {"segment": "enterprise", "sentiment": -35.0},
            ),
            (
                "negative-sentiment",
                {"segment": "mid_market", "sentiment": -44.9},
                {"segment": "mid_market", "sentiment": -45.0},
            ),
            (
                "usage-drop",
                {"usage_drop_7d": 0.49, "usage_drop_beyond_7d": 0.49, **USED},
                {"usage_drop_7d": 0.5, "usage_drop_beyond_7d": 0.25, **USED},
            ),
            (
                "usage-drop",
                {"usage_drop_7d": 0.5, "usage_drop_beyond_7d": 0.24, **USED},
                {"usage_drop_7d": 0.5, "usage_drop_beyond_7d": 0.25, **USED},
            ),
            ("quiet-drift", {"quiet_drift": 94.9, "acv": 1}, {"quiet_drift": 95.0, "acv": 1}),
            ("churn-intent", {"churn_intent_30d": 0, "acv": 1}, {"churn_intent_30d": 1, "acv": 1}),
            ("churn-intent", {"churn_intent_30d": 1}, {"churn_intent_30d": 1, "acv": 1}),
            ("sponsor-leaving", {"contact_leaving_30d": 0, "acv": 1}, {"contact_leaving_30d": 1, "acv": 1}),
            ("sponsor-leaving", {"competitor_named_30d": 0, "acv": 1}, {"competitor_named_30d": 1, "acv": 1}),
            (
                "expansion-interest",
                {"expansion_interest_30d": 1, "churn_intent_30d": 1, "acv": 1},
                {"expansion_interest_30d": 1, "churn_intent_30d": 0, "acv": 1},
            ),
            ("detractor", {"csat_30d": 40.1}, {"csat_30d": 40.0}),
            ("detractor-effort", {"ces_30d": 40.1}, {"ces_30d": 40.0}),
            ("detractor-effort", {"ces_30d": None}, {"ces_30d": 39.9}),
            ("detractor-nps", {"nps_30d": -49.9}, {"nps_30d": -50.0}),
            ("detractor-nps", {"nps_30d": None}, {"nps_30d": -50.1}),
            ("detractor-foretold", {"predicted_csat_30d": 0.501}, {"predicted_csat_30d": 0.5}),
            ("detractor-foretold", {"predicted_csat_30d": None}, {"predicted_csat_30d": 0.499}),
            (
                "renewal-enterprise",
                {"acv_band": "enterprise", "days_to_renewal": 91},
                {"acv_band": "enterprise", "days_to_renewal": 90},
            ),
            (
                "renewal-enterprise",
                {"acv_band": "mid_market", "days_to_renewal": 30},
                {"acv_band": "enterprise", "days_to_renewal": 30},
            ),
            ("renewal-at-risk", {"days_to_renewal": 90}, {"days_to_renewal": 90, "csat_30d": 20.0}),
            (
                "renewal-rescue",
                {"acv_band": "enterprise", "days_to_renewal": 89, "tickets_7d": 4, "ticket_ratio_7d": 4.0},
                {"acv_band": "enterprise", "days_to_renewal": 89, "tickets_7d": 5, "ticket_ratio_7d": 4.0},
            ),
        ],
    )
    def test_each_fires_at_its_threshold_and_not_below(
        self, playbook: str, below: dict[str, Value], at: dict[str, Value]
    ) -> None:
        assert playbook not in fired(**below)
        assert playbook in fired(**at)

    def test_an_account_of_which_nothing_is_known_fires_nothing(self) -> None:
        assert fired() == set()

    def test_an_enterprise_renewal_is_reviewed_in_two_hours_and_called_within_a_day(self) -> None:
        steps = next(playbook for playbook in SHIPPED if playbook.id == "renewal-enterprise").steps
        assert [(step.owner, step.within) for step in steps] == [("support_lead", "2h elapsed"), ("csm", "24h elapsed")]

    def test_a_quiet_account_before_its_renewal_does_not_fill_the_queue(self) -> None:
        company = Company.with_account(acv_cents=5_000_000).contract(in_days(30)).tickets(5, 20, 40, 70)
        assert decided(company).decisions == []


def decided(company: Company, *playbooks: Playbook, currency: str = "USD") -> Evaluation:
    signals = account_signals(company.facts(currency), AS_OF, SignalWindows())
    return evaluate(signals, playbooks or SHIPPED, AS_OF, currency)


class TestEvaluation:
    def test_a_decision_says_why_and_keeps_the_values_that_it_saw(self) -> None:
        company = Company.with_account(acv_cents=15_000_050).contract(in_days(21))
        company.tickets(*[8 + 3.5 * number for number in range(24)]).tickets(*[1] * 9)
        found = {decision.playbook: decision for decision in decided(company).decisions}
        rescue = found["renewal-rescue"]
        assert isinstance(rescue, Decision)
        assert rescue.account_ref == "A1"
        assert (
            rescue.because == "ACV USD 150,000 (enterprise); renews in 21 days; 9 tickets in 7 days against 2.0 usual"
        )
        assert rescue.inputs["acv"] == "150000.50"
        assert (rescue.inputs["ticket_baseline_7d"], rescue.inputs["sentiment"]) == (2.0, None)
        assert {"renewal-rescue", "renewal-enterprise", "volume-spike"} <= set(found)

    def test_a_decision_can_be_kept_as_json(self) -> None:
        when = {"all": [{"signal": "renewal_on", "op": "is_known"}, {"signal": "acv", "op": ">", "value": "1 JPY"}]}
        company = Company.with_account(acv_cents=5).contract(in_days(21))
        [decision] = decided(company, playbook(when=when), currency="JPY").decisions
        assert decision.inputs == {"renewal_on": in_days(21).isoformat(), "acv": "5"}
        assert Decision.model_validate_json(decision.model_dump_json()) == decision

    def test_the_same_rule_account_and_moment_have_the_same_decision(self) -> None:
        company = Company.with_account().tickets(*[1] * 5).account(2).tickets(*[1] * 5, account_id=2)
        first, again = decided(company, playbook()).decisions, decided(company, playbook()).decisions
        assert first == again
        assert len({decision.decision_id for decision in first}) == 2
        assert {one.decision_id for one in decided(company, playbook(name="x")).decisions}.isdisjoint(
            one.decision_id for one in first
        )

    def test_what_is_unknown_never_fires_and_is_counted_with_what_is_missing(self) -> None:
        by_segment = {"signal": "sentiment", "op": "<=", "value": {"enterprise": -35}}
        when = {"all": [by_segment, {"signal": "tickets_7d", "op": ">=", "value": 1}]}
        company = Company.with_account(segment="enterprise").tickets(1).account(2).tickets(1, account_id=2).account(3)
        found = decided(company, playbook(when=when))
        assert found.decisions == []
        assert found.unknown["busy"].accounts == 2
        assert found.unknown["busy"].missing == {"sentiment": 2, "segment": 1}

    def test_amounts_in_another_currency_are_refused_with_the_playbook_s_name(self) -> None:
        rule = playbook(when={"signal": "acv", "op": ">", "value": "1 EUR"})
        with pytest.raises(ValueError, match="playbook busy: acv > 1 EUR: write the amount in USD"):
            decided(Company.with_account(), rule)
