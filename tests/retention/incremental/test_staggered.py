"""A roll-out that reaches units at different times is compared cohort by cohort with those that have not had it yet."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from benchmarks.uplift.staggered import ROLL_OUTS, look, made
from retention import staggered_effect
from retention.incremental.staggered import StaggeredResult

# Two cohorts and one unit pair that never gets it; outcomes without noise: level of the unit + period + effect.
EFFECTS = {2: {2: 1.0, 3: 2.0, 4: 3.0}, 3: {3: 10.0, 4: 20.0}}


def rows(effects: dict[int, dict[int, float]] | None = None, units: int = 6) -> list[dict[str, Any]]:
    told = EFFECTS if effects is None else effects
    return [
        {
            "unit": f"{start}-{number}", "period": period, "first_treated_period": start or None,
            "outcome": 5.0 * number + period**2 + told.get(start, {}).get(period, 0.0),
        }
        for start in (0, 2, 3) for number in range(units) for period in range(5)
    ]  # fmt: skip


def columns(given: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in given] for name in given[0]}


def test_each_cohort_s_effect_is_found_in_each_period() -> None:
    found = staggered_effect(rows())
    by_time = {one.event_time: one.estimate for one in found.by_event_time}
    assert by_time == pytest.approx({-3: 0, -2: 0, 0: (1 + 10) / 2, 1: (2 + 20) / 2, 2: 3})
    assert [one.estimate for one in found.by_cohort] == pytest.approx([2, 15])
    assert [one.first_treated_period for one in found.by_cohort] == ["2", "3"]
    assert found.estimate == pytest.approx((1 + 2 + 3 + 10 + 20) / 5)
    assert (found.units, found.treated_units, found.never_treated_units, found.periods) == (18, 12, 6, 5)


def test_the_usual_regression_is_wrong_there_and_shown_for_contrast() -> None:
    found = staggered_effect(rows())
    assert found.two_way_fixed_effects is not None
    assert abs(found.two_way_fixed_effects - 7.2) > 0.5


@pytest.mark.parametrize("name", ["grows, and differs by cohort", "everybody gets it in the end", "no effect at all"])
def test_it_comes_near_a_known_truth(name: str) -> None:
    seen = [look(name, 200, seed) for seed in range(25)]
    assert abs(np.mean([one[1] - one[0] for one in seen])) < 0.07
    assert sum(one[2] for one in seen) >= 21


def test_where_early_units_were_improving_before_no_figure_is_published() -> None:
    table, _ = made(ROLL_OUTS["early ones were improving before"], 200, 1)
    found = staggered_effect(table)
    assert found.pre_trend.result == "failed"
    assert (found.verdict, found.published) == ("not enough evidence", None)
    assert "before the start already" in found.reasons[0]


def test_a_clear_effect_with_quiet_years_before_is_credible() -> None:
    table, truth = made(ROLL_OUTS["grows, and differs by cohort"], 300, 3)
    found = staggered_effect(table)
    assert found.verdict == "credible"
    assert found.published == pytest.approx(truth, abs=0.3)
    for one in found.by_event_time:
        assert one.low is not None
        assert one.band_low <= one.low


def test_the_order_of_the_rows_does_not_matter() -> None:
    table, _ = made(ROLL_OUTS["no effect at all"], 60, 2)
    frame = pl.DataFrame(table)
    assert staggered_effect(frame.sample(fraction=1, shuffle=True, seed=5)) == staggered_effect(table)


class TestReading:
    def test_a_mapping_rows_and_frames_are_the_same_table(self) -> None:
        wanted = staggered_effect(rows())
        assert staggered_effect(columns(rows())) == wanted
        assert staggered_effect(pl.DataFrame(rows())) == wanted
        assert staggered_effect(pl.LazyFrame(rows())) == wanted

    @pytest.mark.parametrize("written", [lambda n: f"2026-Q{n + 1}", lambda n: f"2026-0{n + 1}-01", lambda n: 2020 + n])
    def test_periods_may_be_written_in_many_ways(self, written: Any) -> None:
        given = [
            {**row, "period": written(row["period"]),
             "first_treated_period": row["first_treated_period"] and written(row["first_treated_period"])}
            for row in rows()
        ]  # fmt: skip
        found = staggered_effect(given)
        assert found.estimate == pytest.approx(7.2)
        assert found.by_cohort[0].first_treated_period == str(written(2))

    @pytest.mark.parametrize("never", [None, float("nan"), "", "never", float("inf"), 99])
    def test_never_may_be_written_in_many_ways(self, never: Any) -> None:
        given = [{**row, "first_treated_period": row["first_treated_period"] or never} for row in rows()]
        assert staggered_effect(given).estimate == pytest.approx(7.2)

    def test_zero_means_never_where_no_period_is_zero(self) -> None:
        given = [
            {**row, "period": row["period"] + 1, "first_treated_period": (row["first_treated_period"] or -1) + 1}
            for row in rows()
        ]
        found = staggered_effect(given)
        assert found.estimate == pytest.approx(7.2)
        assert "read as never" in found.notes[0]

    def test_columns_may_have_names_of_their_own(self) -> None:
        given = pl.DataFrame(rows()).rename({"unit": "team", "period": "month", "first_treated_period": "since"})
        found = staggered_effect(given, "outcome", unit="team", period="month", first_treated_period="since")
        assert found.estimate == pytest.approx(7.2)

    def test_who_was_treated_from_the_first_period_on_is_left_out_and_it_is_said(self) -> None:
        always = [{**row, "unit": f"a{row['unit']}", "first_treated_period": 0} for row in rows(units=2)]
        found = staggered_effect([*rows(), *always])
        assert found.estimate == pytest.approx(7.2)
        assert any("treated from the first period on" in note for note in found.notes)

    def test_a_unit_that_was_not_always_seen_counts_where_it_was(self) -> None:
        found = staggered_effect([row for row in rows() if (row["unit"], row["period"]) != ("2-0", 4)])
        assert found.estimate == pytest.approx(7.2)

    def test_yes_and_no_are_outcomes_too(self) -> None:
        given = [{**row, "outcome": ["no", "yes"][row["period"] >= 2 and row["unit"] > "2"]} for row in rows()]
        assert staggered_effect(given).by_event_time[-1].estimate is not None

    def test_clusters_widen_the_interval(self) -> None:
        table, _ = made(ROLL_OUTS["no effect at all"], 120, 4)
        by_unit = staggered_effect(table)
        together = staggered_effect({**table, "team": [f"t{unit % 8}" for unit in table["unit"]]}, cluster="team")
        assert together.estimate == by_unit.estimate
        assert together.standard_error != by_unit.standard_error

    @pytest.mark.parametrize(
        ("place", "changed", "message"),
        [
            (3, {"unit": None}, r"column 'unit', row 3: it is empty; name the unit"),
            (3, {"period": None}, r"column 'period', row 3: it is empty; give the period"),
            (3, {"period": 2}, r"rows 2 and 3 have the same 'unit' and 'period'"),
            (33, {"first_treated_period": 4}, "has more than one first treated period; give the same in all its rows"),
            (3, {"outcome": "much"}, "column 'outcome', row 3: 'much' is not a number"),
        ],
    )
    def test_a_mistake_is_told_with_its_place(self, place: int, changed: dict[str, Any], message: str) -> None:
        given = rows()
        given[place] = {**given[place], **changed}
        with pytest.raises(ValueError, match=message):
            staggered_effect(given)

    def test_a_missing_column_and_an_unknown_choice_are_told(self) -> None:
        with pytest.raises(ValueError, match="the table has no column 'unit'"):
            staggered_effect([{"period": 1}])
        with pytest.raises(ValueError, match="use one of not_yet_treated, never_treated"):
            staggered_effect(rows(), controls="all")
        with pytest.raises(ValueError, match=r"give a share such as 0\.95"):
            staggered_effect(rows(), confidence=95)


class TestWithoutEnough:
    def no_figure(self, given: list[dict[str, Any]]) -> StaggeredResult:
        found = staggered_effect(given)
        assert (found.verdict, found.published) == ("not enough evidence", None)
        return found

    def test_without_anybody_treated_there_is_no_effect(self) -> None:
        found = self.no_figure([{**row, "first_treated_period": None} for row in rows()])
        assert found.estimate is None
        assert "nobody can be compared" in found.reasons[0]

    def test_without_anybody_left_to_compare_with_neither(self) -> None:
        found = self.no_figure([{**row, "first_treated_period": 2} for row in rows()])
        assert found.estimate is None
        assert found.by_event_time == ()

    def test_a_handful_of_units_carries_no_verdict(self) -> None:
        found = self.no_figure(rows(units=3))
        assert any("only 6 treated units" in reason for reason in found.reasons)

    def test_without_periods_before_it_is_suggestive_at_most(self) -> None:
        given = [row for row in rows() if row["first_treated_period"] != 3 and row["period"] > 0]
        given = [{**row, "unit": f"{row['unit']}{copy}"} for row in given for copy in range(3)]
        found = staggered_effect(given)
        assert found.pre_trend.result == "too little data"
        assert found.verdict == "suggestive"


def test_the_documented_example_runs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "holdouts.md").read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], found)  # noqa: S102
    assert found["found"].estimate == pytest.approx(0.0425)
    assert found["found"].published is None
