"""Knows whether an agent's message moves the issue on, or only acknowledges, thanks, and asks to wait.

Phrases decide (`replies/`), so that each reading can be opened into the words it rests on. A message holds the
customer off only where all that it says of its own is such phrases: what is in doubt counts as a reply.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rules.text.replies.handling import is_about_handling, is_read
from rules.text.replies.own_words import BULLET, own_sentences
from rules.text.replies.phrases import WORD, Found, Phrase, found_in
from rules.text.replies.says import Says

# Names what was read how; other phrases make another reader, whose readings stand apart.
READER = "impact-1"

# So many words say something; beside a courtesy it takes more, and a verb where the sentence has held off.
_SAYS_SOMETHING, _SAYS_MORE = 2, 4
_LATIN = re.compile("[a-z]")
_TOKEN = re.compile(r"\w+")
# A ticket's subject or number inside an acknowledgement.
_REFERENCE = re.compile(r'"[^"]*"|“[^”]*”|\b[a-z]{0,6}-?\d{3,}\b')
_PARTS = re.compile(r"[,;:]\s+|\s[–—-]\s")
# "We write as soon as it is fixed" fixes nothing yet.
_NOT_YET = re.compile(
    r"\b(?:as soon as|once|until|till|when(?:ever)?|if|whether|after|sobald|bis|wenn|dès que|quand|jusqu'à ce que"
    r"|en cuanto|cuando|hasta que)\b[^,;.!?]*"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|cannot|must|does|do|did|takes?|means?|shows?|needs?|says|noticed|saw|see|lets"
    r"|ist|sind|war|hat|haben|kann|muss|est|sont|peut|doit|faut|es|son|está|puede|debe)\b"
)
_SUBORDINATE = re.compile(
    r"(?:and |but )?(?:as|if|since|when|once|while|although|so that|until|before|after|wenn|sobald|da|damit|dès que"
    r"|quand|si|en cuanto|cuando)\b"
)
# Questions that only ask for time.
_ASKS_FOR_TIME = re.compile(
    r"\b(?:can|may|could) (?:i|we) (?:get|come|call|write|have)\b|\b(?:time|moment|patien\w+|bear with|wait)\b"
)


@dataclass(frozen=True, slots=True)
class ImpactReading:
    """Whether a message moves the issue on, None where that cannot be read, and why.

    `certain` is False where no phrase shows it: the text says something that no phrase is known for.
    """

    impactful: bool | None
    because: str
    certain: bool = True


def impact_readings(texts: Sequence[str]) -> list[ImpactReading]:
    """One reading per text, in order; equal texts are read once."""
    read = {text: read_impact(text) for text in dict.fromkeys(texts)}
    return [read[text] for text in texts]


def impactful(reading: ImpactReading, *, stands: bool = False) -> bool | None:
    """Whether the message moves the issue on; `stands`: many tickets got the same text as their first reply."""
    return False if stands and not reading.certain else reading.impactful


def read_impact(text: str) -> ImpactReading:
    """What the author of one message says by it; quoted parts and signatures are left out.

    None: there are no words of the author's own, or they are in a language that is not read.
    """
    words: list[str] = []
    holds, polite, free = "", "", ""
    for sentence in own_sentences(text):
        words += WORD.findall(sentence)
        read = _read_sentence(sentence)
        if read.decides is not None:
            return read.decides
        holds, polite, free = holds or read.holds, polite or read.polite, free or read.free
    return _in_sum(words, holds or polite, free)


def _in_sum(words: Sequence[str], holds: str, free: str) -> ImpactReading:
    if not any(_LATIN.search(word) for word in words):
        return ImpactReading(None, "no words of its own, or in a script that is not read", certain=False)
    if not free:
        return ImpactReading(False, holds or "says nothing beyond a greeting or a name")
    if not is_read(words):
        return ImpactReading(None, "in a language that is not read", certain=False)
    return ImpactReading(True, f"says something of its own: {_short(free)}", certain=False)


class _Sentence(NamedTuple):
    """What decides on the message, or how the sentence holds off or is polite, and what it says beside that."""

    decides: ImpactReading | None
    holds: str = ""
    polite: str = ""
    free: str = ""


@lru_cache(maxsize=20_000)
def _read_sentence(sentence: str) -> _Sentence:
    parts = [_read_part(part) for part in _PARTS.split(sentence) if part]
    for part in parts:
        if part.phrase is not None and part.phrase.says in {Says.AUTOMATIC, Says.MOVES}:
            return _Sentence(ImpactReading(part.phrase.says is Says.MOVES, part.told))
    if sentence.rstrip(" \"')]}-").endswith("?") and _asks(parts[-1]):
        return _Sentence(ImpactReading(True, f"asks: {_short(sentence)}"))
    holds = next((part.told for part in parts if part.holds), "")
    polite = next((part.told for part in parts if part.told), "")
    return _Sentence(None, holds, polite, next((part.rest for part in parts if _is_free(part, holds, polite)), ""))


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between two commas: the phrase that decides on it, with the words, and what it says beside it."""

    phrase: Phrase | None
    told: str
    rest: str

    @property
    def holds(self) -> bool:
        """Whether it holds the customer off, rather than being courteous or saying something."""
        return self.phrase is not None and self.phrase.says in {Says.FOOTER, Says.HOLDS}


def _read_part(part: str) -> _Part:
    found = found_in(part)
    if not found:
        return _Part(None, "", part)
    if any(phrase.says is Says.MOVES for phrase, _ in found):
        found = _really_moving(part, found)
    phrase, match = min(found, key=lambda each: each[0].says, default=(None, None))
    told = f"{phrase.about}: {_short(match[0])}" if phrase and match else ""
    return _Part(phrase, told, _without_courtesy(part, found))


def _asks(last: _Part) -> bool:
    """Whether the sentence's last part asks for more than politeness or time."""
    if last.phrase is None:
        return True
    if last.phrase.says is Says.HOLDS and _ASKS_FOR_TIME.search(last.rest):
        return False
    return last.phrase.says is not Says.FOOTER and bool(WORD.search(last.rest))


def _is_free(part: _Part, holds: str, polite: str) -> bool:
    """Whether a part says what no phrase speaks of, in a sentence that holds off or is polite by such words."""
    if part.phrase is not None and part.phrase.says is not Says.COURTESY:
        return False
    if is_about_handling(WORD.findall(part.rest)):
        return False
    if not polite:
        return len(_TOKEN.findall(part.rest)) >= _SAYS_SOMETHING
    rest = _REFERENCE.sub(" ", part.rest).strip()
    is_clause = not holds or bool(_VERB.search(rest) and not _SUBORDINATE.match(rest))
    return is_clause and len(_TOKEN.findall(rest)) >= _SAYS_MORE


def _really_moving(part: str, found: list[Found]) -> list[Found]:
    """Without what is said to be done only later, or only to the ticket ("I opened a ticket")."""
    certainly = _NOT_YET.sub(" ", part)
    holding = [match.span() for phrase, match in found if phrase.says is Says.HOLDS]
    return [
        (phrase, match)
        for phrase, match in found
        if phrase.says is not Says.MOVES
        or (
            phrase.expression.search(certainly)
            and not any(begins < match.end() <= ends and ends - begins > 8 for begins, ends in holding)
        )
    ]


def _without_courtesy(part: str, found: Sequence[Found]) -> str:
    for phrase, match in found:
        if phrase.says is Says.COURTESY:
            part = part.replace(match[0], " ")
    return part


def _short(said: str) -> str:
    said = " ".join(said.removeprefix(BULLET).split())
    return said if len(said) <= 60 else said[:59] + "…"
