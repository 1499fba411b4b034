"""Wrong data are refused with the column, the row, and what would be right."""

from typing import Any

import pytest

from retention import incremental_effect
from tests.retention.incremental.companies import KNOWN, a_company

TABLE = a_company(60)


def cell(name: str, wrong: Any) -> dict[str, Any]:
    return TABLE | {name: [wrong if place == 3 else value for place, value in enumerate(TABLE[name])]}


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        (TABLE, {"outcome": "stayed"}, "no column 'stayed'; it has 'risk', 'mood'"),
        (cell("renewed", "maybe"), {}, "column 'renewed', row 3: 'maybe' is neither yes nor no"),
        (cell("renewed", 0.4), {}, "column 'renewed', row 3: 0.4 is neither"),
        (cell("treated", 2), {}, "column 'treated', row 3: 2 is neither"),
        (cell("risk", float("inf")), {}, "column 'risk', row 3: it is infinite"),
        (cell("arr_cents", -5), {"arr_cents": "arr_cents"}, "column 'arr_cents', row 3: the amount is negative"),
        (cell("arr_cents", "much"), {"arr_cents": "arr_cents"}, "column 'arr_cents', row 3: 'much' is not a number"),
        (TABLE | {"risk": [1, 2]}, {}, "column 'risk' has 2 rows where others have 60"),
        (TABLE, {"covariates": ["renewed"]}, "column 'renewed' is not known at the flag"),
        (TABLE, {"arr": "arr_cents", "arr_cents": "arr_cents"}, "either arr or arr_cents"),
        (TABLE, {"treated_at": "risk"}, "treated_at needs flagged_at"),
        (TABLE, {"treated": None}, "say who was helped"),
        (TABLE, {"placebo": "plan"}, "column 'plan', row"),
        (
            TABLE | {"at": ["soon"] * 60},
            {"flagged_at": "at", "treated_at": "at"},
            "column 'at', row 0: 'soon' is no moment",
        ),
        (TABLE | {"name": [f"a{i}" for i in range(60)]}, {"covariates": ["name"]}, "leave it out of covariates"),
        (
            TABLE | {"arr_cents": TABLE["arr_cents"] * TABLE["renewed"]},
            {"arr_cents": "arr_cents"},
            "that is the ARR afterwards; give the ARR at the flag",
        ),
        (
            TABLE | {"kept": TABLE["arr_cents"] + 1},
            {"arr_cents": "arr_cents", "arr_kept_cents": "kept"},
            "more was kept",
        ),
        (TABLE | {"odd": [1.5] * 60}, {"assigned": "treated", "assigned_chance": "odd"}, "is not between 0 and 1"),
        ([], {}, "no rows"),
        ([1, 2], {}, "rows must be mappings"),
        (7, {}, "must be a mapping of columns"),
        (TABLE, {"trim": 0.7}, "trim"),
        (TABLE, {"currency": "dollars"}, "pattern"),
    ],
)
def test_wrong_data_are_refused(table: Any, arguments: dict[str, Any], message: str) -> None:
    settled: dict[str, Any] = {"covariates": KNOWN}
    with pytest.raises(ValueError, match=r"(?s).*") as refused:
        incremental_effect(table, **settled | arguments)
    assert message in str(refused.value)


def test_episodes_of_unknown_outcome_or_help_are_left_out_and_counted() -> None:
    table = a_company(200)
    table["renewed"] = [None if place < 20 else value for place, value in enumerate(table["renewed"])]
    table["treated"] = [None if 10 <= place < 30 else value for place, value in enumerate(table["treated"])]
    excluded = incremental_effect(table, covariates=KNOWN, bootstrap_rounds=0).sizes.excluded
    assert excluded == {"help unknown": 20, "outcome unknown": 10}


def test_without_named_covariates_every_column_without_a_role_is_one() -> None:
    table = a_company(200)
    found = incremental_effect(table, arr_cents="arr_cents", placebo="before", bootstrap_rounds=0)
    assert {one.covariate.partition(":")[0] for one in found.balance} == {*KNOWN, "drawn_before", "log ARR"}
