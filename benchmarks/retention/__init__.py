"""Three years of retention rows, computed by Keepline, by SQL on SQLite and DuckDB, and account by account."""

# Of a month, beside its label: the printed row before cents become amounts, and what its rates are made of.
CENTS = (
    "opening_cents", "new_cents", "expansion_cents", "upsell_cents", "cross_sell_cents", "contraction_cents",
    "churn_cents", "reactivation_cents", "fx_cents", "closing_cents",
)  # fmt: skip
RATE_TERMS = ("base_parts", "kept_parts", "held_parts")
COUNTS = ("accounts_open", "accounts_closed", "accounts_churned")
COLUMNS = (*CENTS, *RATE_TERMS, *COUNTS)

MONTHS = 36
_SAMPLED_ACCOUNTS = 1_000


def every(accounts: int) -> int:
    """The sample has the accounts whose id this divides."""
    return max(accounts // _SAMPLED_ACCOUNTS, 1)
