"""Shows what opened nothing because the day of its owner was full, and what each would have weighed."""

from datetime import datetime, timedelta

from domain.money import decimal_amount
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money
from storage.alert_load import LoadBook

_SPAN = timedelta(days=7)


def run(keepline: Keepline, owner: str | None, as_of: datetime | None, as_json: bool) -> None:
    """Print what was held back in the last week, the newest first, in the order of its weight."""
    now = keepline.moment(as_of)
    every = LoadBook(keepline.store.engine).held_back(now - _SPAN, now + timedelta(microseconds=1))
    found = [one for one in every if owner is None or one.owner.casefold() == owner.casefold()]
    found.sort(key=lambda one: (-one.held_at.timestamp(), one.owner, one.place))
    names = keepline.store.account_names()
    banner(keepline)
    if as_json:
        show.as_json(
            [
                {
                    "account": names.get(one.account_ref, one.account_ref),
                    **one.model_dump(mode="json", exclude={"at_risk_cents"}),
                    "arr": None
                    if one.at_risk_cents is None or one.currency is None
                    else str(decimal_amount(one.at_risk_cents, one.currency)),
                }
                for one in found
            ]
        )
        return
    if not found:
        show.line("Nothing was held back in the last 7 days: every day had room. Budgets stand in team.yaml.")
        return
    rows = [
        [
            names.get(one.account_ref, one.account_ref), money(one.at_risk_cents, one.currency), str(one.held_on),
            one.owner, f"{one.place}", one.playbook, one.because,
        ]
        for one in found
    ]  # fmt: skip
    columns = ["Account", "ARR", "Day", "Owner", "Place", "Playbook", "Because"]
    show.table("Held back by the daily budget", columns, rows, numbers=["ARR", "Place"])
    show.line(f"{len(found)} decisions; each is tried again at the next run, as long as its rule applies.")
