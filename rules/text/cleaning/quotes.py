"""Knows where a mail begins to quote the one it answers: marks, introductions, headers and helpdesks' delimiters."""

import re
from collections.abc import Sequence
from functools import cache

# An introduction stands on up to three lines of this length; what is longer says something.
_LINES, _LENGTH = 3, 160
_MOST_SUSPECTS = 40

_QUOTED_LINE = re.compile(r">(?![:;=._<)(3][:;=._<>)(3]{0,2}(?:\s|$))")
_WROTE = (
    r"wrote|schrieb(?:en)?|geschrieben|a écrit|écrivait|escribi[óo]|escreveu|schreef|ha scritto|skrev|kirjoitti"
    r"|napsal(?:\(a\)|a)?|napisał(?:\(a\)|a)?|написал(?:\(а\)|а)?|пишет|yazdı|írta|έγραψε|写道|님이 작성"
)
# With a date, a time or an address, so that "as you wrote:" stays the author's.
_INTRODUCES = re.compile(
    r"(?=.{0,300}(?:\d{1,2}[:.h]\d{2}|@|\d{1,2}[./ -]{1,2}\w{1,10}[./ ,-]{1,3}\d{4}|\w{3,9}\.? \d{1,2},? \d{4}"
    r"|\d{4}-\d\d))"
    r"(?!.{0,300}\b(?:you|i|we) wrote)[*>\- ]{0,6}"
    rf"(?:(?:on|am|le|el|em|op|il|den|dnia|w dniu|dne|dňa|à|a las|а|-{{2,}} on)\b.{{3,280}}\b(?:{_WROTE})\b.{{0,60}}"
    rf"|[^\W\d_].{{2,200}}(?:{_WROTE})(?: (?:on|am|le|el|op|il|den)\b.{{3,80}})?"
    r"|\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}.{3,150}<[^<>\s]{3,80}>) ?[:：]? ?-{0,8}",
    re.IGNORECASE,
)
_FIRST_WORDS = frozenset("on am le el em op il den dnia w dne dňa".split())
_FIRST_MARKS, _LAST_MARKS = frozenset("-_#=*—[<"), frozenset(":：-#_—]>")
_MAYBE_INTRODUCES = re.compile(rf"\b(?:{_WROTE})|^\d{{4}}-\d\d-\d\d .{{3,200}}>:$|写道", re.IGNORECASE)
_OPENS = re.compile(r"[> *-]{0,6}(?:on|am|le|el|em|op|il|den|dnia|w dniu|dne)\s.{0,80}\d", re.IGNORECASE)
_FORWARDS = re.compile(
    r"[-_*> ]{0,20}(?:original message|forwarded message|begin forwarded message|ursprüngliche nachricht"
    r"|(?:anfang der )?weitergeleitete[n]? nachricht|message d'origine|message (?:original|transféré)"
    r"|début du message (?:transféré|réexpédié)|mensaje (?:original|reenviado)|mensagem (?:original|encaminhada)"
    r"|oorspronkelijk(?:e)? bericht|doorgestuurd bericht|messaggio (?:originale|inoltrato)|oprindelig meddelelse"
    r"|ursprungligt meddelande|wiadomość oryginalna|původní zpráva)\b ?:? ?[-_*]{0,20}",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"[*> ]{0,6}(?:from|von|de|da|van|fra|från|od|发件人|差出人|보낸 ?사람)[* ]{0,3}[:：][* ]{0,3}\S.{0,300}",
    re.IGNORECASE,
)
_SECOND_HEADER = re.compile(
    r"[*> ]{0,6}(?:sent|date|to|subject|cc|gesendet|an|datum|betreff|envoyé|à|objet|enviado|enviada(?: em)?|fecha|para"
    r"|asunto|assunto|data|inviato|a|oggetto|verzonden|aan|onderwerp|sendt|skickat|til|till|emne|ämne|wysłano|do|temat"
    r"|odesláno|komu|předmět|发送时间|收件人|主题|日時|宛先)[* ]{0,3}[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_=*-]{10,}")
# "##- Please type your reply above this line -##" and its like at Zendesk, Freshdesk, Jira, Help Scout, Intercom.
_REPLY_ABOVE = re.compile(
    r".{0,40}\b(?:repl(?:y|ies)|respond|respuesta|responda|escriba|type|write|antwort\w*|réponse|répond\w*|écri\w+"
    r"|respon\w+|antwoord|reageer|rispost\w|rispond\w+|scriv\w+|svar\w*|skriv)\b"
    r".{0,60}\b(?:above|ober|oberhalb|über|au-dessus|encima|arriba|acima|boven|sopra|över|over)\b.{0,40}"
    r"\b(?:line|zeile|linie|ligne|línea|linea|linha|regel|lijn|riga|raden|linjen)\b.{0,40}",
    re.IGNORECASE,
)
_MARKED = re.compile(r"[#=_*~\-—–\[<]{1,}")
# In a single line, as exports leave mails behind.
_INLINE = re.compile(
    r"\s(?:-{3,}\s?(?:original message|forwarded message|ursprüngliche nachricht)\s?-{3,}"
    r"|##-? ?(?:please|bitte|veuillez|por favor|vul)\b.{5,80}-?##"
    r"|on (?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? [^\n]{5,150}?[>)] wrote: ?"
    r"|on [^\n]{3,60}?\d{1,2}:\d{2}[^\n]{1,80}?<[^\s<>]{3,80}@[^\s<>]{3,80}> wrote: ?"
    r"|from: [^\n]{3,100}? sent: [^\n]{5,60}? to: [^\n]{3,150}? subject: )",
    re.IGNORECASE,
)
_INLINE_MARKS = (" wrote:", "---", "##", "ubject: ")


def unquoted(lines: Sequence[str]) -> list[str]:
    """The stripped lines that are not quoted; with marks before each quoted line, an answer may stand below them."""
    own: list[str] = []
    suspects = 0
    for number, line in enumerate(lines):
        if line.startswith(">") and _QUOTED_LINE.match(line):
            continue
        if not _may_introduce(line) or suspects >= _MOST_SUSPECTS:
            own.append(line)
            continue
        suspects += 1
        following = [later for later in lines[number + 1 : number + 8] if later]
        if _is_delimiter(line):
            if any(own):
                break
            continue
        if not _quotes_what_follows(line, following):
            own.append(line)
        elif not any(_QUOTED_LINE.match(later) for later in lines[number + 1 :] if later[:1] == ">"):
            break
    return own


def before_inline_quote(line: str) -> str:
    """A line up to the mail that is quoted in the same line; all of it where there is nothing before."""
    found = _INLINE.search(line) if any(mark in line for mark in _INLINE_MARKS) else None
    return line[: found.start()] if found and line[: found.start()].strip() else line


def _may_introduce(line: str) -> bool:
    if not line:
        return False
    if line[-1] in _LAST_MARKS or line[0] in _FIRST_MARKS or ":" in line[:24] or " above " in line:
        return True
    return line.split(None, 1)[0].lower() in _FIRST_WORDS and _OPENS.match(line) is not None


def _is_delimiter(line: str) -> bool:
    return (
        len(line) <= _LENGTH
        and bool(_REPLY_ABOVE.fullmatch(line))
        and (bool(_MARKED.match(line)) or len(line.split()) <= 10)
    )


def _quotes_what_follows(line: str, following: Sequence[str]) -> bool:
    if len(line) > 2 * _LENGTH:
        return False
    if _HEADER.fullmatch(line):
        return any(map(_SECOND_HEADER.match, following[:2]))
    if _RULE.fullmatch(line):
        return bool(following) and _quotes_what_follows(following[0], following[1:])
    return _FORWARDS.fullmatch(line) is not None or _introduces(line, following)


def _introduces(line: str, following: Sequence[str]) -> bool:
    """Whether "On … wrote:" begins in a line, which mail programs may break into three."""
    for more in range(_LINES):
        window = [line, *following[:more]]
        last = window[-1].rstrip("-_ ")
        if more and len(window) <= more:
            return False
        if last[-1:] in {":", "：", ">"} or line[:2] == "--":
            return _known_to_the_library("\n".join(window)) or _INTRODUCES.fullmatch(" ".join(window)[:400]) is not None
        if not (_MAYBE_INTRODUCES.search(" ".join(window)) or _OPENS.match(line)):
            return False
    return False


def _known_to_the_library(window: str) -> bool:
    """Whether mail-parser-reply knows these lines as a quoted mail's header; they are few, its patterns are slow."""
    if len(window) > _LINES * _LENGTH or not re.search(r"\d", window):
        return False
    found = _headers().match(window)
    return found is not None and found.end() >= len(window.rstrip())


@cache
def _headers() -> re.Pattern[str]:
    from mailparser_reply import EmailMessage
    from mailparser_reply.constants import MAIL_LANGUAGES

    headers: re.Pattern[str] = EmailMessage(text="", languages=list(MAIL_LANGUAGES)).HEADER_REGEX
    return headers
