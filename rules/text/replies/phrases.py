"""Knows how phrases are written and found: regular expressions over part of a sentence in lower case.

A phrase names its key words in braces: `{received|got} your` is tried only on a part with one of these words. `~` is as
much of the clause as needed, `<thing>` a group of words that several phrases have.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from rules.text.replies import holding, moving
from rules.text.replies.says import Says

WORD = re.compile(r"[^\W\d_]+")

_KEYS = re.compile(r"\{([^{}\d][^{}]*)\}")
_GROUP = re.compile("<([a-z]+)>")
_INDENT = " " * 8
_GROUPS = {
    "soon": r"\b(?:will|'ll|shall|going to|aim to|try to|want to|need to|let me|have to)(?: \w+){0,4}?",
    "thing": r"(?:request|message|e-?mail|mail|ticket|enquiry|inquiry|query|report|question|case|complaint|feedback|"
    r"submission)s?",
    "done": "fixed|resolved|solved|corrected|repaired|restored|refunded|activated|reactivated|deactivated|unlocked|"
    "renewed|replaced|cancelled|canceled|deployed|reset|enabled|disabled|extended|removed|restarted|reverted|updated|"
    "deleted|installed|added|changed|merged|cleared|configured|moved|switched|raised|increased|lifted|opened|converted|"
    "credited|rolled|upgraded|adjusted|whitelisted|allowlisted|approved|shipped|recovered|set|created|granted|released|"
    "loaded|rebuilt|rotated",
    "when": r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today|tonight|noon|the end|next|\d|january|february|"
    r"march|april|june|july|august|september|october|november|december",
    "team": r"(?:team|developers?|engineers?|engineering|colleagues?|department|specialists?|vendor|experts?|people|"
    r"manager|supervisor|tier|level|product|technical|billing|agents?|staff|partner)",
}


@dataclass(frozen=True, eq=False)
class Phrase:
    """One expression; `about` says in a word or two what it shows."""

    says: Says
    about: str
    expression: re.Pattern[str]


Found = tuple[Phrase, re.Match[str]]


def found_in(part: str) -> list[Found]:
    """The phrases in part of a sentence, each with its words."""
    known, tried = phrases(), dict[Phrase, None]()
    for word in WORD.findall(part):
        if word in known:
            tried.update(dict.fromkeys(known[word]))
    return [(phrase, match) for phrase in tried if (match := phrase.expression.search(part))]


@cache
def phrases() -> Mapping[str, tuple[Phrase, ...]]:
    """All phrases, by the key words with which they are tried."""
    found: dict[str, list[Phrase]] = {}
    for phrase, keys in _all():
        for key in keys:
            found.setdefault(key, []).append(phrase)
    return {key: tuple(tried) for key, tried in found.items()}


def _all() -> Iterator[tuple[Phrase, set[str]]]:
    for says, about, block in (*moving.TABLE, *holding.TABLE):
        for written in _lines(block):
            whole = _GROUP.sub(lambda name: _GROUPS[name[1]], written)
            keys = {WORD.findall(word)[-1] for group in _KEYS.findall(whole) for word in group.split("|")}
            expression = _KEYS.sub(r"(?:\1)", whole).replace("~", "[^,;:.!?]{0,200}?")
            yield Phrase(says, about, re.compile(expression)), keys


def _lines(block: str) -> list[str]:
    lines: list[str] = []
    for line in filter(str.strip, block.splitlines()):
        if line.startswith(_INDENT + " "):
            lines[-1] += line.strip()
        else:
            lines.append(line.strip())
    return lines
