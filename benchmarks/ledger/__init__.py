"""Three years of a ledger with its cuts, from Parquet: Keepline, the public MRR playbook's way in SQL, and pandas."""

from collections.abc import Iterable
from typing import Any

from domain.conventions import Cut

CUTS: tuple[Cut, ...] = ("segment", "industry", "region", "csm", "cohort", "plan", "product")
# The columns that make the unit of each cut; those of an account are told by its record.
UNITS = {"plan": ("account_id", "plan"), "product": ("account_id", "product")}
# Of a window and slice, in cents and accounts: what all contenders know.
COLUMNS = (
    "opening", "new", "expansion", "contraction", "churn", "reactivation", "closing",
    "accounts_open", "accounts_closed", "accounts_churned",
)  # fmt: skip


def plain(cut: str, rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Rows of month, slice and `COLUMNS` as an answer has them; without those in which nobody was."""
    found = []
    for month, name, *figures in rows:
        cells = [int(figure) for figure in figures]
        if not cut or cells[0] or cells[COLUMNS.index("closing")]:
            found.append([f"{cut}:{name}:{month}", *cells])
    return found
