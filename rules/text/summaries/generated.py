"""Checks what a language model wrote of a thread: only what it cites, and what the cited messages bear out, stays."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from domain.tickets import Message
from rules.text.summaries.asking import MOST_CLAIMS, SPEAKS_TO_A_MODEL, Question
from rules.text.summaries.plain import plain
from rules.text.summaries.similarity import tokens

_LONGEST_ANSWER = 20_000
_FENCED = re.compile(r"\A\s{0,20}```(?:json)?\s{0,20}\n(.*)\n\s{0,20}```\s{0,20}\Z", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATES = re.compile(
    r"\b(?:not|no|never|without|cannot|none|nobody|nothing|un(?:able|resolved|solved))\b|n['’]t\b", re.IGNORECASE
)
_NEXT = re.compile(r"[.!?\n]+")
# Words about who said what; they need no support.
_REPORTING = frozenset(
    "customer agent support team user ask say report state mention confirm explain want write tell told ask promis "
    "reply repli respond answer thread ticket issue request inform note".split()
)
_BORNE_OUT = 0.6


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that a model wrote, and the messages that it rests on."""

    says: str
    cites: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What stays of an answer; `dropped` counts what does not by reason, `refused` says why nothing does."""

    claims: tuple[Claim, ...]
    dropped: dict[str, int]
    refused: str | None = None


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    says: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    cites: Annotated[list[Annotated[str, StringConstraints(max_length=20)]], Field(min_length=1, max_length=8)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    claims: Annotated[list[_Claim], Field(max_length=4 * MOST_CLAIMS)]


def checked(answer: str, asked: Question) -> Checked:
    """What may be shown of a model's answer.

    The answer must be JSON of the shape that was asked for. A claim stays if each message that it cites was shown, at
    least three of five of its words and each of its numbers stand in them, and it neither denies what the nearest
    sentence says nor the other way round. Links, markup and unseen characters are taken out, personal data masked.
    """
    if len(answer) > _LONGEST_ANSWER:
        return Checked((), {}, "its answer is longer than a summary")
    fenced = _FENCED.match(answer)
    try:
        written = _Answer.model_validate_json(fenced[1] if fenced else answer)
    except ValidationError:
        return Checked((), {}, "its answer is not of the shape that was asked for")
    kept, dropped = list[Claim](), Counter[str]()
    for claim in written.claims:
        says = _bare(claim.says)
        wrong = _wrong(says, claim.cites, asked) or ("said twice" if any(each.says == says for each in kept) else "")
        if wrong:
            dropped[wrong] += 1
        else:
            kept.append(Claim(says, tuple(asked.messages[name] for name in dict.fromkeys(claim.cites))))
    kept.sort(key=lambda each: each.cites[0].sent_at)
    if not kept:
        return Checked((), dict(dropped), "none of what it says is borne out by the messages")
    dropped["more than asked for"] += max(0, len(kept) - MOST_CLAIMS)
    return Checked(tuple(kept[:MOST_CLAIMS]), dict(+dropped))


def _bare(says: str) -> str:
    from rules.text import masked

    return str(masked([plain(says)])[0])


def _wrong(says: str, cites: Sequence[str], asked: Question) -> str:
    """Why a claim is dropped; empty if it stays."""
    if any(name not in asked.texts for name in cites):
        return "cites a message that was not shown"
    if SPEAKS_TO_A_MODEL.search(says):
        return "speaks of instructions to a model"
    texts = [asked.texts[name] for name in cites]
    if not _is_borne_out(says, texts):
        return "not borne out by what it cites"
    return ""


def _is_borne_out(says: str, texts: Sequence[str]) -> bool:
    words = {word for word in tokens(says) if word not in _REPORTING}
    if len(words) < 2:
        return False
    known = {word for text in texts for word in tokens(text)}
    if len(words & known) < _BORNE_OUT * len(words):
        return False
    numbers = {number for text in texts for number in _NUMBER.findall(text)}
    if not set(_NUMBER.findall(says)) <= numbers:
        return False
    sentences = [each for text in texts for each in _NEXT.split(text) if each.strip()]
    nearest = max(sentences, key=lambda each: len(words & set(tokens(each))))
    return bool(_NEGATES.search(says)) == bool(_NEGATES.search(nearest))
