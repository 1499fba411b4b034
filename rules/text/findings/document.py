"""Knows the document `evidence.yaml`: kinds of evidence, the rules that find them, their examples, and competitors."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, model_validator

from domain.records import Name
from rules.text.findings.phrases import OUTSIDE, Lexicon, WrongPhrase
from rules.words import unknown_word
from rules.written import Id, Mistake, Written, refuse, repeated

CHURN = "churn_intent"
COMPETITORS = "competitor"
# Lists with a meaning of their own, beside those that phrases name.
NEGATIONS, NO_NEGATIONS, OTHERS, OTHER = "negations", "no_negations", "others", "other"
_MEANT = (OUTSIDE, NEGATIONS, NO_NEGATIONS, OTHERS, OTHER)

Word = Annotated[str, Field(min_length=1, max_length=80)]
WrittenPhrase = Annotated[str, Field(min_length=2, max_length=1_200)]
Example = Annotated[str, Field(min_length=2, max_length=1_000)]
ListName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,40}$")]
KindId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]


class Kind(Written):
    """A kind of evidence.

    * name: what people read
    * unless: a sentence with one of these phrases holds no evidence of this kind, whichever rule finds it
    """

    called: ClassVar[str] = "kind of evidence"

    name: Name
    unless: tuple[WrittenPhrase, ...] = Field(default=(), max_length=400)


class EvidenceRule(Written):
    """What finds evidence of a kind.

    * phrases: each finds it
    * unless: a sentence with one of these is left alone
    * negated: it counts after a negation too; otherwise `we do not want to cancel` is none
    * of_others: it counts although a sentence tells it of customers, users or friends of the author
    * examples, counterexamples: sentences in which something of its kind must be found, and in which nothing may
    """

    called: ClassVar[str] = "rule of evidence"

    id: Id
    kind: KindId
    phrases: tuple[WrittenPhrase, ...] = Field(min_length=1, max_length=400)
    unless: tuple[WrittenPhrase, ...] = Field(default=(), max_length=400)
    negated: bool = False
    of_others: bool = False
    examples: tuple[Example, ...] = Field(default=(), max_length=400)
    counterexamples: tuple[Example, ...] = Field(default=(), max_length=400)


class EvidenceDocument(Written):
    """The document `evidence.yaml`.

    * words: lists that phrases name as `<contract>`; `outside`, `negations`, `no_negations`, `others` and `other` have
      a meaning of their own
    * competitors: whose names count as a competitor named; phrases name them as `<competitor>`
    * off: shipped rules that are not used

    Source: docs/text.md, "Churn intent and other evidence".
    """

    called: ClassVar[str] = "document of evidence"
    model_config = ConfigDict(title="Keepline evidence")

    words: Mapping[ListName, tuple[Word, ...]] = Field(default_factory=dict)
    kinds: Mapping[KindId, Kind] = Field(default_factory=dict)
    rules: tuple[EvidenceRule, ...] = Field(default=(), max_length=500)
    competitors: tuple[Word, ...] = Field(default=(), max_length=400)
    off: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        refuse([*repeated((rule.id for rule in self.rules), "rules", "rules"), *self._unknown_kinds()])
        refuse(self._wrong_phrases())
        return self

    def _unknown_kinds(self) -> Iterator[Mistake]:
        for number, rule in enumerate(self.rules):
            if rule.kind not in self.kinds:
                yield ("rules", number, "kind"), rule.kind, unknown_word(rule.kind, self.kinds, "kind of evidence")

    def _wrong_phrases(self) -> Iterator[Mistake]:
        places: list[tuple[tuple[int | str, ...], Sequence[str]]] = [
            (("kinds", name, "unless"), kind.unless) for name, kind in self.kinds.items()
        ]
        for number, rule in enumerate(self.rules):
            places += [(("rules", number, "phrases"), rule.phrases), (("rules", number, "unless"), rule.unless)]
        for place, phrases in places:
            for number, phrase in enumerate(phrases):
                try:
                    self.lexicon.compiled(phrase)
                except WrongPhrase as error:
                    yield (*place, number), phrase, str(error)

    @cached_property
    def lexicon(self) -> Lexicon:
        """What makes phrases of the document's lists."""
        return Lexicon(self.lists)

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """The lists that phrases may name; a name without words stands for something that nobody writes."""
        named = {COMPETITORS: self.competitors} | dict.fromkeys(_MEANT, ()) | dict(self.words)
        return {name: words or ("zzzznothing",) if name == COMPETITORS else words for name, words in named.items()}

    @property
    def content_hash(self) -> str:
        """Names what is found how: examples do not change it."""
        told = self.model_dump_json(exclude={"off": True, "rules": {"__all__": {"examples", "counterexamples"}}})
        return sha256(told.encode()).hexdigest()[:12]


def extended(own: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped content with a lead's own: own rules come first and take the place of those of the same id.

    Own words come to the shipped list of their name, own kinds to the shipped kinds; own competitors replace the
    shipped ones. Rules named in `off` are left out.

    Raises:
        ValidationError: `off` names a rule that does not ship.
    """
    if not all(isinstance(own.get(name, {}), Mapping) for name in ("words", "kinds")):
        return dict(own)
    content = {"competitors": shipped.get("competitors", [])} | dict(own)
    content["words"] = _longer(shipped.get("words", {}), own.get("words", {}))
    content["kinds"] = {**shipped.get("kinds", {}), **own.get("kinds", {})}
    rules = own.get("rules", [])
    if isinstance(rules, list):
        content["rules"] = [*rules, *_left(rules, own.get("off"), shipped.get("rules", []))]
    return content


def _longer(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped lists of words, each with the own words that it lacks."""
    words = dict(shipped)
    for name, more in own.items():
        known = words.get(name, [])
        words[name] = [*known, *(word for word in more if word not in known)] if isinstance(more, list) else more
    return words


def _left(rules: Sequence[Any], off: object, shipped: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The shipped rules that own rules do not replace and that are not off."""
    names, known = off if isinstance(off, list) else [], [rule["id"] for rule in shipped]
    refuse(
        (("off", number), name, unknown_word(name, known, "shipped rule"))
        for number, name in enumerate(names)
        if name not in known
    )
    gone = {*names, *(rule.get("id") for rule in rules if isinstance(rule, Mapping))}
    return [rule for rule in shipped if rule["id"] not in gone]
