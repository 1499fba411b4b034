"""Knows how a text is cut into sentences of plain words that remember where they stand; what is quoted is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Findings stand in what people write themselves; a mail's point is made long before this.
READ_CHARACTERS = 10_000
BREAK = ","
_LONGEST_QUOTE = 300
_WRAPPED_LINE = 60
_MOST_WORDS = 120

_TOKEN = re.compile(
    r"(?:https?://|www\.)\S{1,2000}|[^\W_]{1,60}(?:['’][^\W_]{1,20}){0,2}|\n[^\S\n]{0,80}\n|\n|[.!?…]{1,40}|\S"
)
_CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»", "`": "`"}
_ENDS = frozenset(".!?…")
_BULLETS = frozenset("-*•>")
_INSIDE_WORDS = "-'’/*_#%$€£@"
# After these a full stop ends no sentence.
_ABBREVIATIONS = frozenset(
    "e g i mr mrs ms dr no nr incl approx ca etc vs inc ltd co jan feb mar apr jun jul aug sep sept".split()
)
_CONTRACTED = {"n't": "not", "'re": "are", "'ll": "will", "'ve": "have", "'d": "would", "'m": "am", "'s": "'s"}
# Short forms and slips of the pen, as the words that they stand for.
_MEANT = {
    "won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "ain't": "am not",
    "it's": "it is", "that's": "that is", "there's": "there is", "what's": "what is", "he's": "he is",
    "she's": "she is", "who's": "who is", "let's": "let us", "here's": "here is", "how's": "how is",
    "dont": "do not", "wont": "will not", "cant": "can not", "doesnt": "does not", "didnt": "did not",
    "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not", "hasnt": "has not",
    "hadnt": "had not", "shouldnt": "should not", "youre": "you are", "theyre": "they are",
    "youve": "you have", "youll": "you will", "wouldnt": "would not", "couldnt": "could not", "havent": "have not",
    "im": "i am",
    "ive": "i have", "thats": "that is", "weve": "we have", "gonna": "going to", "wanna": "want to",
    "gotta": "have to", "pls": "please", "plz": "please", "plse": "please", "u": "you", "ur": "your",
    "cancle": "cancel", "cancell": "cancel", "cansel": "cancel", "cancelation": "cancellation",
    "cancellin": "cancelling", "cancelin": "cancelling", "cancling": "cancelling", "subscribtion": "subscription",
    "subscripton": "subscription", "subsciption": "subscription", "subscrition": "subscription", "sub": "subscription",
    "subs": "subscription", "acount": "account", "accout": "account", "acct": "account", "accnt": "account",
    "a/c": "account", "terminat": "terminate", "terminte": "terminate", "contrat": "contract", "contarct": "contract",
    "agreemnt": "agreement", "licences": "licence", "licenses": "licence", "license": "licence", "renewel": "renewal",
    "swiching": "switching", "competiter": "competitor", "competitior": "competitor", "altenative": "alternative",
    "alternativ": "alternative", "leavin": "leaving", "asap": "asap", "mgmt": "management", "&": "and",
}  # fmt: skip


@dataclass(slots=True)
class Sentence:
    """Words in lower case, short forms written out, each with its place in the text; `,` stands for a break."""

    words: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    @property
    def begins_at(self) -> int:
        return self.places[0][0]

    @property
    def ends_at(self) -> int:
        return self.places[-1][1]


def plain(word: str) -> list[str]:
    """A word as it is looked for: in lower case, `won't` as `will not`."""
    lowered = word.lower().replace("’", "'")
    meant = _MEANT.get(lowered)
    if meant is not None:
        return meant.split(" ")
    if "'" not in lowered:
        return [lowered]
    for ending, full in _CONTRACTED.items():
        if lowered.endswith(ending) and len(lowered) > len(ending):
            return [lowered[: -len(ending)], full]
    return [lowered.replace("'", "")]


def sentences(text: str) -> list[Sentence]:
    """The sentences of the first 10,000 characters, without quoted lines, quotations, code in backticks, addresses."""
    return [sentence for sentence in _cut(text[:READ_CHARACTERS]) if sentence.words]


def _cut(text: str) -> Iterator[Sentence]:
    cutter = _Cutter(text)
    for match in _TOKEN.finditer(text):
        if match.start() >= cutter.skipped_to and cutter.ends_sentence(match[0], match.start(), match.end()):
            yield cutter.taken()
    yield cutter.taken()


class _Cutter:
    """Gathers the words of one sentence after another."""

    def __init__(self, text: str) -> None:
        self._text, self._line_begins, self.skipped_to = text, 0, 0
        self._now = Sentence()

    def taken(self) -> Sentence:
        done, self._now = self._now, Sentence()
        return done

    def ends_sentence(self, sign: str, begins_at: int, ends_at: int) -> bool:
        """Take the next word or sign; whether the sentence ends with it."""
        if sign[0].isalnum():
            self._take_word(sign, begins_at, ends_at)
        elif sign[0] == "\n":
            return self._ends_line(sign, begins_at, ends_at)
        elif sign[0] in _ENDS:
            if self._is_end(sign, ends_at):
                return True
            self._break(begins_at, ends_at)
        elif sign == ">" and not self._text[self._line_begins : begins_at].strip():
            end = self._text.find("\n", ends_at)
            self.skipped_to = len(self._text) if end < 0 else end
        elif sign in _CLOSING and (closes_at := _quoted_until(self._text, sign, begins_at)):
            self.skipped_to = closes_at
            self._break(begins_at, closes_at)
        elif sign not in _INSIDE_WORDS:
            self._break(begins_at, ends_at)
        return len(self._now.words) >= _MOST_WORDS

    def _take_word(self, written: str, begins_at: int, ends_at: int) -> None:
        if not written.startswith(("http:", "https:", "www.")):
            for word in plain(written):
                self._now.words.append(word)
                self._now.places.append((begins_at, ends_at))

    def _break(self, begins_at: int, ends_at: int) -> None:
        if self._now.words and self._now.words[-1] != BREAK:
            self._now.words.append(BREAK)
            self._now.places.append((begins_at, ends_at))

    def _ends_line(self, sign: str, begins_at: int, ends_at: int) -> bool:
        """A line that is not full, an empty one, or a bullet after it ends the sentence; a wrapped line does not."""
        length, self._line_begins = begins_at - self._line_begins, ends_at
        return len(sign) > 1 or length < _WRAPPED_LINE or self._text[ends_at : ends_at + 1] in _BULLETS

    def _is_end(self, sign: str, ends_at: int) -> bool:
        following = self._text[ends_at : ends_at + 3]
        if sign != ".":
            return True
        if following and not following[0].isspace() and following[0] not in "\"”’')":
            return False
        is_abbreviation = bool(self._now.words) and self._now.words[-1] in _ABBREVIATIONS
        return not is_abbreviation and not following.lstrip()[:1].islower()


def _quoted_until(text: str, opening: str, begins_at: int) -> int | None:
    """Where a quotation ends; None: it has no end nearby, or there is nothing else."""
    ends = [text.find(closing, begins_at + 1, begins_at + _LONGEST_QUOTE) for closing in _CLOSING[opening]]
    found = [end for end in ends if end >= 0]
    if not found:
        return None
    end = min(found) + 1
    whole = not text[:begins_at].strip() and not text[end:].strip(" \n.!?")
    return None if whole else end
