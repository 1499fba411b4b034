"""Knows the words of changes: of statuses and priorities they are those of tickets, and kinds have several names."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from connectors.field_reading import Problem, one_of
from connectors.laws import Shown
from connectors.shapes import fields_of
from connectors.vocabulary import choice_words

# What exports call the changes that clocks read; other kinds stay as they are written.
_KINDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("status", "state", "ticket status", "status change", "status changed", "status_changed"), "status")
    | dict.fromkeys(("priority", "priority change", "priority changed", "priority_changed"), "priority")
    | dict.fromkeys(("merged", "merge", "merged into", "merged_into"), "merged")
)
_VALUES = ("from_value", "to_value")


def in_words_of_tickets(rows: pl.DataFrame, shown: Shown) -> tuple[pl.DataFrame, list[Problem]]:
    """Rows of ticket events with Keepline's words for statuses and priorities, and those whose words it does not know.

    The mapping's `values` have been taken over before. `shown` gives a field's column in the file and its cells.
    """
    known = rows["kind"].str.to_lowercase().replace_strict(dict(_KINDS), default=None, return_dtype=pl.String)
    rows, problems = rows.with_columns(known.fill_null(rows["kind"]).alias("kind")), list[Problem]()
    for kind in ("status", "priority"):
        of_kind = (rows["kind"] == kind).fill_null(False)
        choices = fields_of("ticket")[kind].choices
        words = choice_words(kind, choices)
        for name in _VALUES if of_kind.any() else ():
            said = rows[name]
            meant = said.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)
            column, found = shown(name)
            problems.append(
                Problem(of_kind & said.is_not_null() & meant.is_null(), column, found, one_of(choices, words))
            )
            rows = rows.with_columns(meant.zip_with(of_kind, said).alias(name))
    return rows, problems
