"""Knows the shape of a condition: all, any, not, and leaves that compare one signal with a threshold."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field, ValidationInfo, model_validator

from domain.records import Record
from rules.conditions.literals import OPS, amount_and_currency, canonical, op_refused
from rules.signals import SIGNALS, Signal
from rules.signals.fields import PATTERN, Vocabulary, not_configured
from rules.signals.ticket import TICKET_WORDS
from rules.signals.ticket_catalogue import TICKET_SIGNALS
from rules.words import unknown_word
from rules.written import at, refuse

_GROUPS = ("all", "any", "not")
_LEAF = ("signal", "op", "value")
_WRITTEN_LIKE: dict[str, dict[str, Any]] = {
    "money": {"pattern": r"^\s*-?\d[\d,_]*(\.\d+)? ?[A-Z]{3}\s*$", "examples": ["100000 USD"]},
    "duration": {"examples": ["2h business", "26h elapsed"]},
    "date": {"pattern": r"^\d{4}-\d{2}-\d{2}$"},
}


def _schema(schema: dict[str, Any], model: "type[Condition]") -> None:
    """Say the four shapes of a node, each with its own words, instead of one node with every word optional."""
    # Pydantic's own reference to this model; its final name is not settled while the schema is being made.
    node = schema["properties"]["all"]["anyOf"][0]["items"]
    many = {"type": "array", "items": node, "minItems": 1}
    scalar: dict[str, Any] = {"type": ["number", "string"]}
    threshold = {"anyOf": [scalar, {"type": "array", "items": scalar, "minItems": 1}]}
    by_segment = {"type": "object", "additionalProperties": threshold, "minProperties": 1}
    leaf = {
        "signal": {"anyOf": [{"enum": list(model.vocabulary)}, {"type": "string", "pattern": PATTERN}]},
        "op": {"enum": list(OPS)},
        "value": {"anyOf": [*threshold["anyOf"], by_segment]},
    }
    shapes = [({"all": many}, ["all"]), ({"any": many}, ["any"]), ({"not": node}, ["not"]), (leaf, ["signal", "op"])]
    title, description = schema.get("title"), schema.get("description")
    schema.clear()
    by_kind = [_by_kind(kind, model.vocabulary) for kind in sorted({one.kind for one in model.vocabulary.values()})]
    schema.update(title=title, description=description)
    schema["oneOf"] = [
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        for properties, required in shapes
    ]
    schema["oneOf"][-1]["allOf"] = by_kind


def _by_kind(kind: str, vocabulary: Mapping[str, Signal]) -> dict[str, Any]:
    """What may be asked of the signals of one kind, and what their thresholds look like."""
    signals = [signal for signal in vocabulary.values() if signal.kind == kind]
    ops = [op for op in OPS if op_refused(signals[0], op) is None]
    numeric = kind in {"number", "days"}
    scalar: dict[str, Any] = {"type": ["number", "string"] if numeric else "string", **_WRITTEN_LIKE.get(kind, {})}
    several = {"type": "array", "items": scalar, "minItems": 1}
    by_segment = {"type": "object", "additionalProperties": {"anyOf": [scalar, several]}, "minProperties": 1}
    return {
        "if": {"properties": {"signal": {"enum": [signal.name for signal in signals]}}, "required": ["signal"]},
        "then": {"properties": {"op": {"enum": ops}, "value": {"anyOf": [scalar, several, by_segment]}}},
    }


class Condition(Record):
    """One node: `{all: […]}`, `{any: […]}`, `{not: …}` or `{signal, op, value}`.

    Three-valued: a comparison with an unknown value is unknown. A value by segment, `{enterprise: -35}`, is false for
    the segments that it does not name and unknown where the segment is unknown. `vocabulary` are the signals that may
    be compared: here those of an account.
    """

    vocabulary: ClassVar[Mapping[str, Signal]] = Vocabulary(SIGNALS)

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, json_schema_extra=_schema)

    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    not_: "Condition | None" = Field(default=None, alias="not")
    signal: str | None = None
    op: str | None = None
    value: Any = None

    @model_validator(mode="before")
    @classmethod
    def _known_words(cls, raw: Any, info: ValidationInfo) -> Any:
        if isinstance(raw, cls):
            return raw
        if not isinstance(raw, dict):
            shown = repr(str(raw)[:80])
            raise ValueError(f"{shown} is no condition; write {{signal: …, op: …, value: …}} or all, any, not")  # noqa: TRY004
        words = {"not" if word == "not_" else word: part for word, part in raw.items() if part is not None}
        strange = [word for word in words if word not in _GROUPS + _LEAF]
        what = "word in a condition"
        refuse(((str(word),), words[word], unknown_word(word, _GROUPS + _LEAF, what)) for word in strange)
        groups = [word for word in _GROUPS if word in words]
        if len(groups) + ("signal" in words) != 1 or (groups and len(words) > 1):
            raise ValueError("a condition is exactly one of all, any, not or {signal, op, value}")
        context = info.context or {}
        if not groups and context.get("windows") is not None:
            refused = not_configured(words["signal"], context["windows"])
            refuse([] if refused is None else [(("signal",), words["signal"], refused)])
        return _group(groups[0], words) if groups else _leaf(words, cls.vocabulary, context.get("currency"))

    def children(self) -> tuple["Condition", ...]:
        """The conditions directly below; none for a leaf."""
        if self.not_ is not None:
            return (self.not_,)
        return self.all or self.any or ()

    def leaves(self) -> Iterator["Condition"]:
        """Every comparison below, in the order in which it is written."""
        if self.signal is not None:
            yield self
        for child in self.children():
            yield from child.leaves()

    @property
    def compared(self) -> Signal:
        """The signal that a leaf compares.

        Raises:
            ValueError: this is a group.
        """
        if self.signal is None:
            raise ValueError("only a leaf compares a signal")
        return self.vocabulary[self.signal]

    @property
    def by_segment(self) -> bool:
        """The leaf has a threshold for each segment."""
        return isinstance(self.value, dict)

    def signals(self) -> tuple[str, ...]:
        """Every signal that decides the condition or is printed in its reason, in order of first use."""
        names: dict[str, None] = {}
        for leaf in self.leaves():
            segment = ("segment",) if leaf.by_segment else ()
            names |= dict.fromkeys((*leaf.compared.columns, *segment, *leaf.compared.shows))
        return tuple(names)

    def require_currency(self, currency: str) -> Self:
        """The condition itself, if each of its amounts is in the reporting currency.

        Raises:
            ValueError: an amount is in another currency.
        """
        for leaf in self.leaves():
            for amount in leaf.thresholds() if leaf.compared.kind == "money" else ():
                if amount_and_currency(amount)[1] != currency:
                    raise ValueError(
                        f"{leaf.signal} {leaf.op} {amount}: write the amount in {currency}, which is reported"
                    )
        return self

    def thresholds(self) -> list[Any]:
        """All scalars that a leaf compares with."""
        parts = self.value.values() if isinstance(self.value, dict) else [self.value]
        return [
            scalar for part in parts for scalar in (part if isinstance(part, list) else [part]) if scalar is not None
        ]


class PolicyCondition(Condition):
    """A condition of a service level: the words that a ticket has from its beginning, and its account's signals.

    What becomes of the ticket later, such as its age or its deadlines, is not looked at when something is promised.
    """

    vocabulary: ClassVar[Mapping[str, Signal]] = {**SIGNALS, **TICKET_WORDS}

    all: tuple["PolicyCondition", ...] | None = None
    any: tuple["PolicyCondition", ...] | None = None
    not_: "PolicyCondition | None" = Field(default=None, alias="not")


class TicketCondition(Condition):
    """A condition about a ticket at a moment: everything that is known of it, beside the signals of its account."""

    vocabulary: ClassVar[Mapping[str, Signal]] = Vocabulary({**SIGNALS, **TICKET_SIGNALS})

    all: tuple["TicketCondition", ...] | None = None
    any: tuple["TicketCondition", ...] | None = None
    not_: "TicketCondition | None" = Field(default=None, alias="not")


def _group(word: str, words: dict[str, Any]) -> dict[str, Any]:
    if word != "not" and (not isinstance(words[word], list | tuple) or not words[word]):
        raise at((word,), words[word], f"{word} takes a list of at least one condition")
    return words


def _leaf(words: dict[str, Any], vocabulary: Mapping[str, Signal], currency: str | None) -> dict[str, Any]:
    name = words["signal"]
    if not isinstance(name, str) or name not in vocabulary:
        is_elsewhere = name in tuple(TICKET_SIGNALS)
        remedy = _elsewhere(name, vocabulary) if is_elsewhere else unknown_word(name, vocabulary, "signal")
        raise at(("signal",), name, remedy)
    if "op" not in words:
        raise ValueError(f"{name} has no op; use one of {', '.join(OPS)}")
    return {**words, "value": _threshold(vocabulary[name], words["op"], words.get("value"), currency)}


def _threshold(signal: Signal, op: object, value: object, currency: str | None) -> Any:
    """The threshold, canonically; what is wrong with it is told at the op or at the value."""
    refused = op_refused(signal, op)
    if refused is not None:
        raise at(("op",), op, refused)
    try:
        threshold = canonical(signal, op, value)
    except ValueError as error:
        raise at(("value",) if value is not None else (), value, str(error)) from error
    if signal.kind == "money" and currency is not None:
        parts = threshold.values() if isinstance(threshold, dict) else [threshold]
        amounts = [one for part in parts for one in (part if isinstance(part, list) else [part]) if one is not None]
        for amount in amounts:
            if amount_and_currency(amount)[1] != currency:
                raise at(("value",), amount, f"write the amount in {currency}, which is reported")
    return threshold


def _elsewhere(name: str, vocabulary: Mapping[str, Signal]) -> str:
    """What is to be said of a word about tickets that stands where it cannot be known."""
    if "priority" in vocabulary:
        return (
            f"{name} changes while a ticket is worked on, a service level is promised before; "
            "compare it in a playbook with `scope: ticket`"
        )
    return (
        f"{name} is a word about a ticket; here accounts are looked at. Write `scope: ticket` in the playbook; "
        "what is promised for tickets is in sla.yaml"
    )
