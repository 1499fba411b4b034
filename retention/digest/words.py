"""Knows how a digest's numbers are said: its headlines, its first glance, the conventions and commands behind it."""

from decimal import Decimal

from retention.digest.content import (
    Ahead,
    AtRisk,
    Command,
    Figure,
    Incremental,
    RatePoint,
    Retention,
    Saved,
    SupportKpis,
)  # fmt: skip
from retention.digest.inputs import DigestInputs
from retention.digest.paths import counted
from retention.digest.weeks import period_words, spelt
from retention.incremental_report import Incremental as Estimate

NO_FIGURE = "no figure"


def money(amount: Decimal, currency: str) -> str:
    """`USD 1,235`: whole units, half-even."""
    return f"{currency} {amount:,.0f}"


def model_words(model: str) -> str:
    """`U-shaped`, `time decay`: a model as people write it."""
    named = {
        "u_shaped": "U-shaped", "w_shaped": "W-shaped", "first": "first touch", "last": "last touch",
        "markov": "Markov", "shapley": "Shapley",
    }  # fmt: skip
    return named.get(model, model.replace("_", " "))


def percent(rate: float | None) -> str:
    """`97.1 %`; an empty cohort has no figure."""
    return NO_FIGURE if rate is None else f"{100 * rate:.1f} %"


def headlines(inputs: DigestInputs, saved: Saved, at_risk: AtRisk, ahead: Ahead, rates: Retention) -> tuple[str, ...]:
    """The digest in sentences, what was decided first."""
    said = (
        _decided(inputs, saved),
        _saved(inputs, saved),
        _at_risk(inputs, at_risk),
        _ahead(inputs, ahead),
        _rates(rates),
    )
    return tuple(sentence for sentence in said if sentence)


def _decided(inputs: DigestInputs, saved: Saved) -> str:
    week, currency = saved.week, inputs.currency
    if not week.at_stake:
        return f"In the week of {inputs.week.words} no known renewal fell due and no recurring revenue was lost."
    kept, lost = money(week.kept, currency), money(week.lost, currency)
    if not week.kept:
        return f"In the week of {inputs.week.words}, {lost} of ARR was lost; no known renewal kept any."
    stake = money(week.at_stake, currency)
    return f"In the week of {inputs.week.words}, {stake} of ARR was decided: {kept} stayed, {lost} was lost."


def _saved(inputs: DigestInputs, saved: Saved) -> str:
    week, currency = saved.week, inputs.currency
    if not week.kept:
        return ""
    influenced = f"Support's work led up to {money(week.influenced, currency)} of what stayed"
    if not week.touched:
        return f"{influenced}; none of it had been flagged at risk, worked on and then renewed."
    accounts = counted(week.touched_accounts, "account")
    return f"{influenced}; {money(week.touched, currency)} is saved (touched): {accounts} flagged, worked on, renewed."


def incremental_line(incremental: Estimate) -> Incremental:
    """The estimate in a line; how it was made and how far to believe it stands behind its command."""
    shown = NO_FIGURE
    if incremental.amount is not None and incremental.currency is not None:
        shown = money(incremental.amount, incremental.currency)
    elif incremental.points is not None:
        shown = f"{incremental.points:+.1f} points"
    return Incremental(
        shown=shown, said=incremental.headline, verdict=incremental.verdict,
        command="keepline impact --explain incremental",
    )  # fmt: skip


def _at_risk(inputs: DigestInputs, at_risk: AtRisk) -> str:
    if not at_risk.escalations:
        return "Nothing is open in the escalation queue."
    stands = "stands" if at_risk.accounts == 1 else "stand"
    accounts, arr = counted(at_risk.accounts, "account"), money(at_risk.arr, inputs.currency)
    late = f"{counted(at_risk.overdue, 'escalation')} overdue" if at_risk.overdue else "nothing overdue"
    return f"{accounts} with {arr} of ARR {stands} in the escalation queue, {late}."


def _ahead(inputs: DigestInputs, ahead: Ahead) -> str:
    if not ahead.count:
        return ""
    currency, days = inputs.currency, counted(ahead.days, "day")
    renewals = counted(ahead.count, "renewal")
    falls = "falls" if ahead.count == 1 else "fall"
    worth, worried = money(ahead.arr, currency), money(ahead.with_escalation, currency)
    return f"{renewals} worth {worth} {falls} due in the next {days}, {worried} of it with an open escalation."


def _rates(rates: Retention) -> str:
    month = rates.month
    if month is None or month.grr is None:
        return ""
    year = f"; over {rates.year.period} {_both(rates.year)}" if rates.year and rates.year.grr is not None else ""
    return f"In {period_words(month.period)} {_both(month)}{year}."


def _both(point: RatePoint) -> str:
    return f"GRR was {percent(point.grr)} and NRR {percent(point.nrr)}"


def figures(inputs: DigestInputs, saved: Saved, at_risk: AtRisk, ahead: Ahead, rates: Retention) -> tuple[Figure, ...]:
    """Six numbers for the first glance."""
    currency, week = inputs.currency, saved.week
    month, no_renewal = rates.month, "no renewal is known"
    renews = ahead.known or bool(saved.quarter.kept)
    lost, quarter = money(saved.quarter.lost, currency), spelt(saved.quarter.since.date())
    named = period_words(month.period) if month else "of the month"
    rolling = f"{rates.rolling_months}-month mean"
    return (
        Figure(
            label="Saved (touched)", command=week.command,
            shown=money(week.touched, currency) if renews else NO_FIGURE,
            note=f"{counted(week.touched_accounts, 'account')} flagged, worked on, renewed" if renews else no_renewal,
        ),
        Figure(
            label="Lost", shown=money(week.lost, currency), command=week.command,
            note=f"of {money(week.at_stake, currency)} decided this week" if week.kept else f"{lost} since {quarter}",
        ),
        Figure(
            label="At risk now", shown=money(at_risk.arr, currency), command=at_risk.command,
            note=f"{counted(at_risk.accounts, 'account')}, {at_risk.overdue} overdue",
        ),
        Figure(
            label=f"Renewals, {ahead.days} days", command=ahead.command,
            shown=money(ahead.arr, currency) if ahead.known else NO_FIGURE,
            note=f"{money(ahead.with_escalation, currency)} with an open escalation" if ahead.known else no_renewal,
        ),
        Figure(
            label=f"GRR {named}", shown=percent(month.grr if month else None),
            note=f"{rolling} {percent(month.grr_rolling if month else None)}", command=rates.command,
        ),
        Figure(
            label=f"NRR {named}", shown=percent(month.nrr if month else None),
            note=f"{rolling} {percent(month.nrr_rolling if month else None)}", command=rates.command,
        ),
    )  # fmt: skip


def conventions(inputs: DigestInputs) -> tuple[str, ...]:
    """What the numbers were made with."""
    credit, digest = inputs.credit, inputs.digest
    told = (
        f"Amounts are annual recurring revenue (12 × MRR) in {inputs.currency}, outcomes at the rate of their own day, "
        f"renewals at that of {inputs.as_of:%Y-%m-%d}; the queue shows what an account was worth when its escalation "
        "opened.",
        f"A touch counts for an outcome in the {credit.look_back_days} days before it; credit is "
        f"{model_words(credit.shown_model)}, sums exactly to what was kept, and claims no cause.",
        "Saved (touched) means flagged, then worked on, then renewed, less what a person rejected; it claims no cause. "
        "Incremental is set against what would have happened anyway; without enough evidence it has no figure.",
        "GRR and NRR are point to point at constant currency, the cohort fixed at the window's start; a monthly rate "
        "is not comparable with yearly benchmarks.",
        f"The support week is compared with the mean of up to {digest.compared_weeks} weeks before"
        + ("." if inputs.kpis else "; reply times are elapsed hours."),
    )
    return (*told, _measured(inputs.kpis)) if inputs.kpis else told


def _measured(kpis: SupportKpis) -> str:
    weeks = counted(kpis.weeks, "week")
    return (
        f"Support's key figures are of the {weeks} up to the end of this one, beside as many before; times are "
        f"medians in {kpis.counting} hours. Better or worse is said only where the 95 % interval of the difference "
        "leaves out zero."
    )


def commands(inputs: DigestInputs, saved: Saved) -> tuple[Command, ...]:
    """What opens each number into the rows behind it."""
    return (
        Command(opens="one customer: revenue, renewal, tickets, decisions", command="keepline account NAME"),
        Command(opens="kept, lost and credited revenue", command=saved.week.command),
        Command(opens="saves and losses, to confirm or reject", command="keepline saves"),
        Command(opens="the evidence behind the incremental figure", command=saved.incremental.command),
        Command(opens="the ledger behind GRR and NRR", command="keepline retention --period month"),
        Command(opens="the escalation queue", command="keepline queue"),
        Command(opens="this digest as data", command=f"keepline digest --week {inputs.week.label} --format json"),
    )
