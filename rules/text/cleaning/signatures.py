"""Knows where an author signs: closing formulas and the names, addresses and firms under them."""

import re
from collections.abc import Sequence

_CLOSES = re.compile(
    r"(?:(?:thanks|thank you|many thanks) (?:and|&) )?"
    r"(?:(?:with )?(?:my |our )?(?:kind|best|warm|many)(?:est)? ?(?:regards|wishes)?|regards"
    r"|(?:yours )?(?:sincerely|faithfully|truly)|all the best|cheers|mfg|vg|lg|mit freundlichen gr(?:ü|ue)(?:ß|ss)en"
    r"|(?:freundliche|viele|beste|liebe|herzliche|sch(?:ö|oe)ne) gr(?:ü|ue)(?:ß|ss)e|(?:bien )?cordialement|bien à vous"
    r"|(?:meilleures |cordiales |sincères )?salutations|(?:un )?(?:cordiales? |atentos? )?saludos?(?: cordial(?:es)?)?"
    r"|atentamente|cordialmente|(?:met )?vriendelijke groet(?:en)?|cordiali saluti|atenciosamente|med vänlig hälsning"
    r"|(?:med )?venlig hilsen|z poważaniem)(?: (?:from|aus|de) .{1,30})?[,.!]?",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:many |with )?(?:thanks|thank you|thx)(?: again| and regards)?|(?:vielen )?danke?|merci|gracias)[,.!]?",
    re.IGNORECASE,
)
_FIRST_WORDS = frozenset(
    "with my our kind kindest best warm warmest many regards yours sincerely faithfully truly all cheers thanks "
    "thank thx mit freundliche viele beste liebe herzliche schöne schoene mfg vg lg vielen danke dank bien "
    "cordialement meilleures cordiales sincères salutations merci un cordial atento atentos saludo saludos "
    "atentamente cordialmente gracias met vriendelijke cordiali atenciosamente med venlig z".split()
)
_LONGEST, _MOST_CANDIDATES = 50, 40
_RULES = frozenset({"--", "—"})
_POSTSCRIPT = re.compile(r"p\.? ?s\b", re.IGNORECASE)
_SMALL_WORDS = frozenset(
    "of the and for at your & | de la von der das ihr ihre votre su service support team care customer desk help "
    "success".split()
)
_TEAM = re.compile(r"(?:the|your) (?:[\w&'-]{1,20} ){0,3}team(?:,? (?:at |of )?[\w&' -]{1,40})?", re.IGNORECASE)
_LIST_MARK = re.compile(r"(?:\d{1,2}[.)]|[-*•])[ \t]+")
_REACHED_AT = re.compile(r"@|https?://|www\.|\+?\d[\d ()/-]{6,20}")
_ENDS = re.compile(r"[.!?…][\"'”)]{0,2}")
_SPEAKS = re.compile(
    r"\b(?:i|we|you|your|my|me|us|it|ich|wir|sie|ihr|mir|uns|es|je|nous|vous|yo|usted|ik|wij|u|non|vi|não)\b"
    r"|[a-z]['’](?:s|t|m|re|ve|ll)\b",
    re.IGNORECASE,
)


def unsigned(lines: list[str], *, names_alone: bool) -> list[str]:
    """The stripped lines before a signature, and a postscript after it; never less than the first line.

    A team that names itself in the last line signs ("The finance team at Acme"). `names_alone`: names at the end
    without a closing formula go too, as agents write them. Under a customer's, what looks like a name may be a last
    word ("NEVER AGAIN").
    """
    written = [number for number, line in enumerate(lines) if line]
    candidates = [place for place, number in enumerate(written) if _may_sign(lines[number])][:_MOST_CANDIDATES]
    for place in candidates if names_alone else filter(None, candidates):
        number = written[place]
        if _signs(lines[number], [lines[later] for later in written[place + 1 :]], names_alone):
            resumes = (later for later in written[place + 1 :] if _POSTSCRIPT.match(lines[later]))
            first = written[0] + 1
            return lines[: max(number, first)] + lines[next(resumes, len(lines)) :]
    if len(written) > 1 and _TEAM.fullmatch(lines[written[-1]]) and _ENDS.search(lines[written[-2]][-3:]):
        lines = lines[: written.pop()]
    while names_alone and len(written) > 1 and is_a_name(lines[written[-1]]):
        lines = lines[: written.pop()]
    return lines


def _may_sign(line: str) -> bool:
    if len(line) >= _LONGEST:
        return False
    return line in _RULES or line.lower().split(None, 1)[0].rstrip(",.!") in _FIRST_WORDS


def _signs(line: str, following: Sequence[str], names_alone: bool) -> bool:
    if line in _RULES:
        return names_alone or _is_signature(following)
    if _CLOSES.fullmatch(line):
        return names_alone or _is_signature(following)
    if not _THANKS.fullmatch(line):
        return False
    return all(map(is_a_name, following)) if names_alone else _names_a_person(following)


def _is_signature(following: Sequence[str]) -> bool:
    """Whether what stands under a formula speaks to nobody; nothing at all is a signature too."""
    own = following[: next((place for place, line in enumerate(following) if _POSTSCRIPT.match(line)), None)]
    return not any(_says_something(line) for line in own)


def _says_something(line: str) -> bool:
    words = line.split()
    small = sum(word[0].islower() for word in words)
    if len(words) < 5 or 2 * small < len(words) or not _SPEAKS.search(line[:300]):
        return False
    return bool(_ENDS.search(line[-3:])) or len(line) > 80


def _names_a_person(following: Sequence[str]) -> bool:
    if not following or len(following) > 8 or not is_a_name(following[0]) or following[0][0] in "@#":
        return False
    first = following[0].split()
    return (
        len(first) <= 4
        and all(word[0].isalpha() and not word[1:].isupper() for word in first)
        and _is_signature(following)
    )


def is_a_name(line: str) -> bool:
    """Whether a line names persons, teams, or where to reach them, rather than saying something."""
    words = line.split()
    if len(words) > 6 or line[-1] in ".!?:;," or _LIST_MARK.match(line):
        return False
    return bool(_REACHED_AT.search(line)) or all(
        not word[0].islower() or word.lower() in _SMALL_WORDS for word in words
    )
