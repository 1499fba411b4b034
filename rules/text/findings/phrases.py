"""Knows how a lead writes phrases, and what they find in a sentence.

    cancel our contract         these words, one after the other, in any case; won't is will not
    cancel*                     a word with this beginning
    close|end|<closing>         one of these words, or one of the list `closing`
    <out of|away from> it       one of these phrases
    (our|all of the)            may be there or not
    .. and ...                  up to four describing words and up to five words of the same clause; ~ up to twelve,
                                also over commas
    ^ and $                     the sentence begins here; the clause ends here

A gap never jumps over a word of the list `outside`: what these name (an order, a user) is another matter.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.text.findings.sentences import BREAK, plain
from rules.words import unknown_word

OUTSIDE = "outside"
Lists = Mapping[str, Sequence[str]]
_MOST_GAPS = 3
_DEEPEST = 6
_REMEMBERED = 50_000
_LIST = re.compile(r"[a-z][a-z_]{0,40}")
_WORD = re.compile(r"[^\W_]{1,60}(?:['’][^\W_]{1,20}){0,2}\*?|'s")
_JOINT, _OUTSIDE = "^", "~"
_GAPS = {"..": "(?: [^ ,~^]+){0,4}?", "...": "(?: [^ ,~]+){0,5}?", "~": "(?: [^ ]+){0,12}?"}
# What may not be jumped over by the shortest gap: it describes nothing.
_JOINTS = (
    "and or but because if when where while since as so that which who to of from for with by at in on into about "
    "after before until than then not is are was were be been has have had do does did can could will would should "
    "you it"
).split()
# After a clause's end stand a break, nothing, or words that begin something new.
_NEW = (
    "and but because as since if unless before after now today asap immediately please thanks thank thx soon "
    "effective altogether entirely completely anyway then so or anymore tomorrow tonight too either sorry bye over"
).split()
# Too frequent to be worth looking at a phrase for.
_FREQUENT = frozenset(
    "a an the this that these those it its i we us me you he she they our my your their is are was were be been being "
    "am will would shall should can could may might must do does did have has had not no never to of in on at by for "
    "from with about if or and but as so up out off down go going get want like need please how when what why where "
    "who which all any more other another next new time end use using account service now just over there back "
    "make take one last keep team product app tool data help give".split()
)


class WrongPhrase(ValueError):
    """What is wrong with a phrase and what would be right."""


@dataclass(frozen=True, eq=False)
class Phrase:
    """A phrase as written; trying it is worth while on a sentence with a word of `anchors` (`*`: any ending)."""

    written: str
    expression: str
    anchors: frozenset[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.expression)


@dataclass(frozen=True)
class _Piece:
    """A regular expression and words of which one is surely there; None: none is."""

    expression: str
    anchors: frozenset[str] | None = None


@dataclass(frozen=True)
class Line:
    """A sentence as phrases are looked for in: a space before each word and one at the end, and where words begin."""

    text: str
    begins: Sequence[int]

    def number_at(self, position: int) -> int:
        """The number of the word at a position."""
        return bisect_right(self.begins, position) - 1


class Lexicon:
    """The lists of a document: makes phrases of what is written, and lines of sentences to look for them in.

    In a line a word that no gap may jump over carries a sign, so that a gap is a plain expression.
    """

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self._marks = dict.fromkeys(_JOINTS, _JOINT) | {
            word: _OUTSIDE for entry in lists.get(OUTSIDE, ()) for word in plain(entry)
        }
        self.known: dict[str, _Piece] = {}
        self.words: dict[str, _Piece] = {}
        self._phrases: dict[str, Phrase] = {}
        new = "|".join(map(self.escaped, _NEW))
        self.end = rf"(?= (?:(?:,|{new}) |$))"

    def escaped(self, word: str) -> str:
        """What finds a word, or one with its beginning, in a line."""
        return f"{re.escape(word[:-1])}[^ ,]*" if word.endswith("*") else re.escape(word + self._marks.get(word, ""))

    def line(self, words: Sequence[str]) -> Line:
        """The line of a sentence's words."""
        marked = [word + self._marks.get(word, "") for word in words]
        begins, position = [], 0
        for word in marked:
            begins.append(position)
            position += len(word) + 1
        return Line(f" {' '.join(marked)} ", begins)

    def compiled(self, written: str) -> Phrase:
        """The phrase as something to search for.

        Raises:
            WrongPhrase: an unknown list, no word that must be there, too many gaps, or a sign that means nothing.
        """
        if written not in self._phrases:
            self._phrases[written] = _Compiler(written, self).phrase()
        return self._phrases[written]


class _Compiler:
    def __init__(self, written: str, lexicon: Lexicon) -> None:
        self._written, self._lexicon = written, lexicon

    def phrase(self) -> Phrase:
        text = re.sub(r"\s*\|\s*", "|", self._written.strip())
        begins, ends = text.startswith("^ "), text.endswith(" $")
        piece = self.sequence(text[2 if begins else 0 : -2 if ends else None], 0)
        if piece.anchors is None:
            raise WrongPhrase(f"{self._written!r} asks for no word; write at least one that must be there")
        if sum(item in _GAPS for item in _items(text, " ", self._written)) > _MOST_GAPS:
            raise WrongPhrase(f"{self._written!r} has more than {_MOST_GAPS} gaps; make two phrases of it")
        expression = f"{'^' if begins else ''}{piece.expression}{self._lexicon.end if ends else '(?= )'}"
        return Phrase(self._written, expression, piece.anchors)

    def sequence(self, text: str, depth: int) -> _Piece:
        pieces = [self._item(item, depth) for item in _items(text, " ", self._written) if item]
        certain = [piece.anchors for piece in pieces if piece.anchors is not None]
        anchors = min(certain, key=_weight) if certain else None
        return _Piece("".join(piece.expression for piece in pieces), anchors)

    def _item(self, item: str, depth: int) -> _Piece:
        if item in _GAPS:
            return _Piece(_GAPS[item])
        if item == "$":
            return _Piece(self._lexicon.end)
        if item.startswith("(") and item.endswith(")"):
            return _Piece(f"(?:{self.choice(item[1:-1], depth).expression})?")
        return self.choice(item, depth)

    def choice(self, text: str, depth: int) -> _Piece:
        options = [self._option(option, depth) for option in _items(text, "|", self._written)]
        expressions = sorted(dict.fromkeys(option.expression for option in options), key=len, reverse=True)
        anchors = [option.anchors for option in options]
        known = frozenset().union(*(each for each in anchors if each)) if None not in anchors else None
        return _Piece(f"(?:{'|'.join(expressions)})", known)

    def _option(self, option: str, depth: int) -> _Piece:
        if depth > _DEEPEST:
            raise WrongPhrase(f"{self._written!r} names lists inside each other without end; write the words out")
        if not option:
            raise WrongPhrase(f"{self._written!r} has an empty choice; remove the | too many")
        if option.startswith("<") and option.endswith(">") and len(_items(option, " ", self._written)) == 1:
            return self._listed(option[1:-1], depth)
        if " " in option:
            return self.sequence(option, depth + 1)
        if option == "$":
            return _Piece(self._lexicon.end)
        if option == BREAK:
            return _Piece(" ,")
        known = self._lexicon.words
        if option not in known:
            known[option] = self._words(option)
        return known[option]

    def _listed(self, body: str, depth: int) -> _Piece:
        if not _LIST.fullmatch(body):
            return self.choice(body, depth + 1)
        if body not in self._lexicon.lists:
            raise WrongPhrase(unknown_word(body, self._lexicon.lists, "list of words"))
        known = self._lexicon.known
        if body not in known:
            known[body] = self.choice("|".join(self._lexicon.lists[body]), depth + 1)
        return known[body]

    def _words(self, word: str) -> _Piece:
        found = _WORD.findall(word)
        if not found or "".join(found) != re.sub(r"[-/.&]", "", word):
            known = "words, a|b, <list>, <a b|c d>, (optional), .., ..., ~, ^ and $"
            raise WrongPhrase(f"{word!r} in {self._written!r} is no word; {known} are known")
        words = [
            each for part in found for each in ([part.lower()] if part[-1] == "*" or part == "'s" else plain(part))
        ]
        rarest = max(words, key=lambda each: (each.rstrip("*") not in _FREQUENT, len(each)))
        return _Piece("".join(f" {self._lexicon.escaped(each)}" for each in words), frozenset({rarest}))


def _items(text: str, separator: str, written: str) -> list[str]:
    """The parts of a text between separators that stand in no bracket."""
    parts, depth, begin = [], 0, 0
    for number, sign in enumerate(text):
        depth += (sign in "(<") - (sign in ")>")
        if depth < 0:
            raise WrongPhrase(f"{written!r} closes a bracket that was not opened; remove it")
        if sign == separator and not depth:
            parts.append(text[begin:number])
            begin = number + 1
    if depth:
        raise WrongPhrase(f"{written!r} leaves a bracket open; close it")
    return [*parts, text[begin:]]


def _weight(anchors: frozenset[str]) -> tuple[bool, bool, int]:
    words = [anchor.rstrip("*") for anchor in anchors]
    return any(word in _FREQUENT for word in words), any(len(word) < 3 for word in words), len(words)


class PhraseIndex:
    """Which phrases are worth trying on a sentence; the words seen are remembered, up to a bound."""

    def __init__(self, phrases: Collection[Phrase]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._begun: dict[str, list[int]] = {}
        for number, phrase in enumerate(phrases):
            for anchor in phrase.anchors:
                place = self._begun if anchor.endswith("*") else self._exact
                place.setdefault(anchor.rstrip("*"), []).append(number)
        self._lengths = sorted({len(begun) for begun in self._begun})
        self._seen: dict[str, tuple[int, ...]] = {}

    def worth_trying(self, words: Collection[str]) -> list[int]:
        """The numbers of the phrases, ascending."""
        found: set[int] = set()
        for word in words:
            numbers = self._seen.get(word)
            found.update(self._of(word) if numbers is None else numbers)
        return sorted(found)

    def _of(self, word: str) -> tuple[int, ...]:
        begun = (self._begun.get(word[:length], ()) for length in self._lengths if length <= len(word))
        numbers: Iterator[int] = (number for many in (self._exact.get(word, ()), *begun) for number in many)
        known = tuple(dict.fromkeys(numbers))
        if len(self._seen) < _REMEMBERED:
            self._seen[word] = known
        return known
