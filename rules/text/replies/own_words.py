"""Knows which words of a message its author wrote for it: neither markup nor quoted mail nor a signature."""

import html
import re
from collections.abc import Iterator, Sequence

# What a message is about stands at its beginning.
READ_CHARACTERS = 4_000

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_QUOTE = re.compile(r"<blockquote.*?</blockquote>|<(style|head)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?h\d|/?ul|/?ol)\b[^<>]{0,300}>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>]{0,300}>", re.IGNORECASE)

_INTRODUCES_QUOTE = re.compile(
    r"(?:on .{5,120} wrote|am .{5,120} schrieb.{0,80}|le .{5,120} a écrit|el .{5,120} escribió) ?:"
    r"|-{2,} ?(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\b.*"
    r"|_{10,}",
    re.IGNORECASE,
)
_MARKS_OF_QUOTES = (">", ":", "--", "__", "##-")
_HEADER = re.compile(r"(?:from|von|de) ?: .+", re.IGNORECASE)
_SECOND_HEADER = re.compile(r"(?:sent|date|to|gesendet|an|datum|envoyé|à|enviado|para) ?:", re.IGNORECASE)
_LIST_MARK = re.compile(r"(?:\d{1,2}[.)]|[-*•])[ \t]+")
BULLET = "• "

_SIGNS_OFF = re.compile(
    r"(?:(?:with )?(?:my |our )?(?:kind|best|warm|many)(?:est)? ?(?:regards|wishes)?|regards"
    r"|(?:yours )?(?:sincerely|faithfully|truly)|all the best|cheers|mfg|vg|lg|mit freundlichen gr(?:ü|ue)(?:ß|ss)en"
    r"|(?:freundliche|viele|beste|liebe|herzliche|sch(?:ö|oe)ne) gr(?:ü|ue)(?:ß|ss)e|(?:bien )?cordialement|bien à vous"
    r"|(?:meilleures |cordiales |sincères )?salutations|(?:un )?(?:cordiales? |atentos? )?saludos?(?: cordial(?:es)?)?"
    r"|atentamente|cordialmente)(?: (?:from|aus|de) .{1,30})?[,.!]?",
    re.IGNORECASE,
)
_SIGNS_THANKING = re.compile(
    r"(?:(?:many |with )?(?:thanks|thank you|thx)(?: again| and regards)?|(?:vielen )?danke?|merci|gracias)[,.!]?",
    re.IGNORECASE,
)
_FIRST_WORDS = frozenset(
    "with my our kind kindest best warm warmest many regards yours sincerely faithfully truly all cheers thanks "
    "thank thx mit freundliche viele beste liebe herzliche schöne schoene mfg vg lg vielen danke dank bien "
    "cordialement meilleures cordiales sincères salutations merci un cordial atento atentos saludo saludos "
    "atentamente cordialmente gracias".split()
)
_LONGEST_SIGN_OFF = 50
_POSTSCRIPT = re.compile(r"p\.? ?s\b", re.IGNORECASE)
_SMALL_WORDS = frozenset(
    "of the and for at your & | de la von der das ihr ihre votre su service support team care customer desk help "
    "success".split()
)
_REACHED_AT = re.compile(r"@|https?://|www\.|\+?\d[\d ()/-]{6,}")
_NEXT_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+")
_WRAPS_FROM = 60


def own_sentences(text: str) -> list[str]:
    """The sentences that the author wrote, in order and lower case, with single spaces; items of a list begin with •.

    Only the text's first 4,000 characters are read.
    """
    text = _without_markup(text[:READ_CHARACTERS])
    if not text.isascii() or not text.replace("\n", "").isprintable():
        text = _INVISIBLE.sub("", text).replace("’", "'")
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    if any(mark in text for mark in _MARKS_OF_QUOTES):
        lines = _unquoted(lines)
    return [sentence for line in _unwrapped(_unsigned(lines)) for sentence in _sentences(line)]


def _without_markup(text: str) -> str:
    if "<" in text:
        text = _ITEM.sub("\n- ", _BREAK.sub("\n", _QUOTE.sub("\n", text)))
        text = _TAG.sub("", text)
    return html.unescape(text) if "&" in text else text


def _unquoted(lines: Sequence[str]) -> list[str]:
    own: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith((">", "##-")):
            continue
        if _quotes_what_follows(line, lines, number):
            # With marks before each quoted line, an answer may stand below them.
            if any(later.startswith(">") for later in lines[number + 1 :]):
                continue
            break
        own.append(line)
    return own


def _quotes_what_follows(line: str, lines: Sequence[str], number: int) -> bool:
    if line[-1:] == ":" or line[:2] in {"--", "__"}:
        return _INTRODUCES_QUOTE.fullmatch(line) is not None
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return bool(_SECOND_HEADER.match(following) and _HEADER.fullmatch(line))


def _unsigned(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if line in {"--", "—"} or (len(line) < _LONGEST_SIGN_OFF and _ends_at(line, lines, number)):
            postscript = (place for place in range(number + 1, len(lines)) if _POSTSCRIPT.match(lines[place]))
            return lines[: max(number, 1)] + lines[next(postscript, len(lines)) :]
    while len(lines) > 1 and _is_a_name(lines[-1]):
        lines.pop()
    return lines


def _ends_at(line: str, lines: Sequence[str], number: int) -> bool:
    words = line.lower().split(None, 1)
    if words[0].rstrip(",.!") not in _FIRST_WORDS:
        return False
    if _SIGNS_OFF.fullmatch(line):
        return True
    return bool(_SIGNS_THANKING.fullmatch(line)) and all(_is_a_name(each) for each in lines[number + 1 :])


def _is_a_name(line: str) -> bool:
    """Whether a line names persons, teams, or where to reach them, rather than saying something."""
    words = line.split()
    if len(words) > 6 or line[-1] in ".!?:;," or _LIST_MARK.match(line):
        return False
    return bool(_REACHED_AT.search(line)) or all(
        not word[0].islower() or word.lower() in _SMALL_WORDS for word in words
    )


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """Lines as they were written, before a mail program broke them."""
    whole, last = "", ""
    for line in lines:
        if whole and len(last) >= _WRAPS_FROM and last[-1] not in ".!?:;" and not _LIST_MARK.match(line):
            whole = f"{whole} {line}"
        else:
            if whole:
                yield whole
            whole = line
        last = line
    if whole:
        yield whole


def _sentences(line: str) -> Iterator[str]:
    listed = _LIST_MARK.match(line)
    if listed:
        line = BULLET + line[listed.end() :]
    for sentence in _NEXT_SENTENCE.split(line.lower()):
        if sentence:
            yield " ".join(sentence.split())
