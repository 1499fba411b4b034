"""Fifty rules over a frame of signals: as one pass of expressions, and row by row in several engines."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_rules import fifty_rules
from benchmarks.rules.made_signals import signals
from benchmarks.rules.spoken import Language
from rules.conditions import Condition, expression, truth

_ROWS = 2_000
Row = dict[str, Any]


def keepline(watch: Stopwatch, accounts: int) -> Answer:
    """All rules' expressions in one select."""
    conditions = fifty_rules()
    table = signals(accounts, conditions)
    frame = nw.from_native(table.lazy())
    with watch.part("evaluate"):
        answers = frame.select(expression(one).alias(f"{number}") for number, one in enumerate(conditions)).collect()
    columns = [answers[name].fill_null(value=False).to_list() for name in answers.columns]
    return Answer.of(_told(accounts, zip(*columns, strict=True)))


def row_by_row(watch: Stopwatch, accounts: int) -> Answer:
    """Keepline's own rule for one account's values, in Python."""
    conditions = fifty_rules()
    return _rows(watch, accounts, conditions, lambda row: [truth(one, row) is True for one in conditions])


def rule_engine(watch: Stopwatch, accounts: int) -> Answer:
    """rule-engine: compiled rules that match a dict."""
    from rule_engine import Context, Rule, resolve_item

    conditions, context = fifty_rules(), Context(resolver=resolve_item, default_value=None)
    rules = [Rule(Language("and", "or").say(one), context=context) for one in conditions]
    return _rows(watch, accounts, conditions, lambda row: [rule.matches(row) for rule in rules])


def zen_engine(watch: Stopwatch, accounts: int) -> Answer:
    """zen-engine, in Rust: one decision with all rules, so that a row is handed over once."""
    import zen

    conditions = fifty_rules()
    language = Language("and", "or")
    rules = [
        {"id": f"{number}", "key": f"r{number}", "value": language.say(one)} for number, one in enumerate(conditions)
    ]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "rules", "name": "rules", "type": "expressionNode", "content": {"expressions": rules}},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "first", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "last", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    names = [str(rule["key"]) for rule in rules]

    def fires(row: Row) -> list[bool]:
        result = decision.evaluate(row)["result"]
        return [result[name] is True for name in names]

    return _rows(watch, accounts, conditions, fires)


def common_expression_language(watch: Stopwatch, accounts: int) -> Answer:
    """common-expression-language, in Rust: one program that gives a list, so that a row is handed over once."""
    import cel

    conditions = fifty_rules()
    schema = signals(16, conditions).schema
    whole = frozenset(name for name, kind in schema.items() if kind == pl.Int64)
    said = ", ".join(Language("&&", "||", whole).say(one) for one in conditions)
    rules = cel.compile(f"[{said}]")
    return _rows(watch, accounts, conditions, lambda row: [one is True for one in rules.execute(row)])


def _rows(
    watch: Stopwatch, accounts: int, conditions: Sequence[Condition], fires: Callable[[Row], list[bool]]
) -> Answer:
    """The first rows, one after the other; that they are dicts already is not timed."""
    count = min(_ROWS, accounts)
    rows = signals(accounts, list(conditions)).head(count).to_dicts()
    with watch.part("evaluate"):
        answers = [fires(row) for row in rows]
    return Answer.of(_told(count, answers), share=count / accounts)


def _told(count: int, answers: Any) -> Iterator[list[Any]]:
    for account, fired in zip(range(count), answers, strict=True):
        yield [account, "".join("1" if one else "0" for one in fired)]
