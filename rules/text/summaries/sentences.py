"""Finds the sentences of a cleaned text that can be quoted: neither code nor log lines, greetings or signatures."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# What a message says stands near its beginning; the rest of a pasted file is not weighed.
READ_CHARACTERS = 20_000
_LONGEST, _WRAPS_FROM = 400, 60

_END = re.compile(r"[.!?…。！？][\"'”’)\]]{0,3}(?=\s)")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|incl|resp|etc|nr|vs|mr|mrs|ms|dr|st|inc|ltd|co|z\.b|bzw|ca|usw|u\.a)|\b[a-z])\.$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?:\d{1,2}[.)]|[-*•–])[ \t]{1,8}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_FENCE = re.compile(r"```|~~~")
_LOGGED = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d[.,\]]"
    r"|\[?(?:ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL)\b[\]:]?\s"
    r"|Traceback \(most|File \"[^\"]{1,200}\", line \d|at [\w.$<>/]{3,150}\(|Caused by:|Exception in |\.{3} \d+ more"
    r"|\$ \w|>>> |C:\\|/(?:usr|var|opt|etc|home)/|(?:GET|POST|PUT|PATCH|DELETE|HEAD) /|HTTP/\d|curl -"
    r"|(?:SELECT|INSERT|UPDATE|ALTER|CREATE) [\w*,. ]{1,120} (?:FROM|INTO|SET|TABLE)\b"
    r"|(?:def|class) \w.{0,120}:$|(?:function|const|let|var|return|public|private|#include)\b.{0,120}[({;=]$"
    r"|\"[\w.-]{1,60}\"\s?:|<\?xml|</?[a-z][\w-]{0,30}[ >]|[\w.-]{1,60}(?:Exception|Error):\s"
)
_SYMBOLS = frozenset('{}[]<>;=|\\_#$^*~"`@&+')

_GREETS = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|greetings|hallo|guten (?:tag|morgen|abend)"
    r"|sehr geehrte\w{0,2}|liebe\w?|moin|servus|bonjour|bonsoir|cher|chère|hola|estimad\w{1,3}"
    r"|buen\w{1,2} (?:d[ií]as?|tardes)|ciao|salve|olá)\b",
    re.IGNORECASE,
)
_SIGNS_OFF = re.compile(
    r"(?:(?:with )?(?:my |our )?(?:kind|best|warm|many)(?:est)? ?(?:regards|wishes)?|regards"
    r"|yours \w{1,12}|sincerely|cheers|all the best"
    r"|(?:many )?(?:thanks|thank you|thx|ty)(?: (?:again|so much|very much|a lot|in advance|and regards))?"
    r"|mfg|vg|lg|mit freundlichen gr\w{2,4}en|(?:viele|beste|liebe|schöne|herzliche) gr\w{2,4}e|(?:vielen )?danke?"
    r"(?: im voraus)?|cordialement|merci(?: d'avance)?|un saludo|saludos|gracias|sent from my .{1,30})",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset("of the and for at your de la von der das ihr ihre votre su & |".split())
_MOST_SIGNED, _MOST_GREETED = 8, 4


class Sentence(NamedTuple):
    """Characters `begins_at..ends_at` of a text."""

    begins_at: int
    ends_at: int
    text: str


def quotable(text: str) -> list[Sentence]:
    """The sentences of a cleaned text that say something, in order; each is a part of it as it stands.

    Only the first 20,000 characters are read. What goes on for more than 400 without an end is cut at a word.
    """
    found = [sentence for begins, ends in _paragraphs(text) for sentence in _split(text, begins, ends)]
    if len(text) > READ_CHARACTERS and found and found[-1].ends_at >= READ_CHARACTERS:
        found.pop()
    return [sentence for sentence in found if _says_something(sentence.text)]


def is_code(line: str) -> bool:
    """Whether a line was written by a program, or for one."""
    line = line.strip()[:_LONGEST]
    if not line:
        return False
    if _LOGGED.match(line) or line[-1] in "{};" or line.startswith(("{", "}", "//", "#!", "<")):
        return True
    symbols = sum(character in _SYMBOLS for character in line)
    words = sum(character.isalpha() or character.isspace() for character in line)
    # A placeholder of what was masked stands in brackets.
    return symbols - 2 * line.count("[") > len(line) * 0.12 or words < len(line) * 0.6


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where lines that belong together begin and end; code and what is fenced as code is left out."""
    at, begins, last, fenced = 0, -1, "", False
    for raw in text[:READ_CHARACTERS].splitlines(keepends=True):
        line, starts = raw.strip(), at
        at += len(raw)
        fence = bool(_FENCE.match(line))
        fenced ^= fence
        goes_on = begins >= 0 and len(last) >= _WRAPS_FROM and last[-1] not in ".!?:;" and not _ITEM.match(line)
        if begins >= 0 and (not line or fence or fenced or not goes_on or is_code(line)):
            yield begins, starts
            begins = -1
        if line and not (fence or fenced or is_code(line)):
            begins = starts if begins < 0 else begins
            last = line
    if begins >= 0:
        yield begins, at


def _split(text: str, begins: int, ends: int) -> Iterator[Sentence]:
    listed = _ITEM.match(text, begins + _leading(text, begins, ends), ends)
    begins = listed.end() if listed else begins
    for end in _END.finditer(text, begins, ends):
        if end.group() == "." and _ABBREVIATED.search(text, max(begins, end.end() - 12), end.end()):
            continue
        yield from _stripped(text, begins, end.end())
        begins = end.end()
    yield from _stripped(text, begins, ends)


def _leading(text: str, begins: int, ends: int) -> int:
    part = text[begins:ends]
    return len(part) - len(part.lstrip())


def _stripped(text: str, begins: int, ends: int) -> Iterator[Sentence]:
    begins += _leading(text, begins, ends)
    said = text[begins:ends].rstrip()
    if len(said) > _LONGEST:
        cut = said[:_LONGEST]
        said = cut[: max(cut.rfind(" "), cut.rfind("\n"))].rstrip() if " " in cut or "\n" in cut else ""
    if said:
        yield Sentence(begins, begins + len(said), said)


def _says_something(said: str) -> bool:
    words = _WORD.findall(said)
    if len(words) < 2 or is_code(said):
        return False
    if _GREETS.match(said) and (len(words) <= _MOST_GREETED or said[-1] == ","):
        return False
    signs = _SIGNS_OFF.match(said)
    if signs and len(_WORD.findall(said[signs.end() :])) <= 2:
        return False
    return not _is_a_name(said, words)


def _is_a_name(said: str, words: list[str]) -> bool:
    """Whether a line names persons, places or teams rather than saying something."""
    if len(words) > _MOST_SIGNED or said[-1] in ".!?:;":
        return False
    return all(word[0].isupper() or word.lower() in _SMALL_WORDS for word in words)
