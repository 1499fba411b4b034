"""Says for many tickets why each has its policy, calendar and multipliers, and what was not known meanwhile."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import count
from typing import Any, TypeAlias

import narwhals as nw

from domain.money import decimal_amount
from rules.conditions import PolicyCondition, explain, expression
from rules.signals import SignalWindows, Value
from rules.signals.signal import several_words
from rules.sla.considered import EVERYTHING, Rule, because, effective, rules
from rules.sla.in_force import Moment, Tickets, in_force, placed
from rules.sla.policy import SlaDocument

Row: TypeAlias = tuple[Any, ...]
Tell: TypeAlias = Callable[[PolicyCondition, dict[str, Value]], str]


def reasons(
    document: SlaDocument, tickets: Tickets, as_of: Moment, currency: str, windows: SignalWindows | None = None
) -> nw.DataFrame[Any]:
    """ticket_id, because (a sentence), inputs (a JSON object of the values that were looked at), sorted by ticket_id.

    The arguments are those of `match`, which it agrees with; a row costs more here: ask for the tickets that changed.
    `windows` are those that the signals were computed with.
    """
    teller = _Teller(document, currency, windows or SignalWindows())
    asked = placed(document, tickets, as_of).select("ticket_id", *teller.columns()).sort("ticket_id")
    rows = asked.collect() if isinstance(asked, nw.LazyFrame) else asked
    told = [teller.told(row) for row in rows.drop("ticket_id").iter_rows()]
    data = {
        "ticket_id": rows["ticket_id"].to_list(),
        "because": [sentence for sentence, _ in told],
        "inputs": [inputs for _, inputs in told],
    }
    types = {"ticket_id": nw.Int64(), "because": nw.String(), "inputs": nw.String()}
    return nw.from_dict(data, types, backend=rows.implementation)


class _Asked:
    """One rule, where its answer and its values stand in a row, and what was told of it already."""

    def __init__(self, rule: Rule, answer_at: int, names: Sequence[str], tell: Tell) -> None:
        self.rule, self._answer_at, self._tell = rule, answer_at, tell
        self.names = () if rule.when is None else rule.when.signals()
        self._values_at = tuple(names.index(name) for name in self.names)
        self._told: dict[Row, str] = {}

    def answer(self, row: Row) -> bool | None:
        found: bool | None = row[self._answer_at]
        return found

    def why(self, row: Row) -> str:
        """Why it applies to the row, or what is missing."""
        if self.rule.when is None:
            return EVERYTHING
        values = tuple(row[at] for at in self._values_at)
        if values not in self._told:
            self._told[values] = self._tell(self.rule.when, dict(zip(self.names, values, strict=True)))
        return self._told[values]


class _Teller:
    """Tells from a row of values and answers."""

    def __init__(self, document: SlaDocument, currency: str, windows: SignalWindows) -> None:
        self._document, self._currency = document, currency
        self._names = document.signals()
        self._at = {name: number for number, name in enumerate(self._names)}
        groups, place = rules(document), count(len(self._names))

        def tell(when: PolicyCondition, values: dict[str, Value]) -> str:
            return explain(when, values, currency, windows)

        asked = [[_Asked(rule, next(place), self._names, tell) for rule in group] for group in groups]
        self._policies, self._calendars, self._multipliers = asked
        self._effective = {policy.id: effective(document, policy) for policy in document.policies}
        self._pieces: dict[tuple[str, Any], str] = {}

    def columns(self) -> Iterator[nw.Expr]:
        """The values of the compared signals, then the answer of each rule."""
        yield from (nw.col(name) for name in self._names)
        for number, asked in enumerate((*self._policies, *self._calendars, *self._multipliers)):
            when, policy = asked.rule.when, asked.rule.policy
            holds = nw.lit(True) if when is None else expression(when)
            dates = None if policy is None else in_force(self._document, policy)
            yield (holds if dates is None else holds & dates).alias(f"_answer_{number}")

    def told(self, row: Row) -> tuple[str, str]:
        """The sentence, and the values that were looked at as JSON."""
        looked = self._looked(row)
        answers = ((asked, asked.answer(row)) for asked in looked)
        text = because([(asked.rule, answer, asked.why(row)) for asked, answer in answers if answer is not False])
        names = dict.fromkeys(name for asked in looked for name in asked.names)
        return text, f"{{{', '.join(self._piece(name, row[self._at[name]]) for name in names)}}}"

    def _looked(self, row: Row) -> list[_Asked]:
        looked = _until_true(self._policies, row)
        policy = looked[-1].rule.policy if looked and looked[-1].answer(row) else None
        if policy is None:
            return looked
        if policy.calendar is None:
            looked += _until_true(self._calendars, row)
        return looked + [one for one in self._multipliers if one.rule.name in self._effective[policy.id]]

    def _piece(self, name: str, value: Any) -> str:
        """`"acv": "150000.50"`."""
        key = (name, value)
        if key not in self._pieces:
            plain = json.dumps(_plain(name, value, self._currency), ensure_ascii=False)
            self._pieces[key] = f"{json.dumps(name)}: {plain}"
        return self._pieces[key]


def _until_true(among: Sequence[_Asked], row: Row) -> list[_Asked]:
    found: list[_Asked] = []
    for asked in among:
        found.append(asked)
        if asked.answer(row):
            break
    return found


def _plain(name: str, value: Any, currency: str) -> Any:
    signal = PolicyCondition.vocabulary.get(name)
    if value is None or signal is None:
        return value
    if signal.several:
        return list(several_words(value) or ())
    if signal.kind == "money":
        return f"{decimal_amount(value, currency):f}"
    return value.isoformat() if isinstance(value, date) else value
