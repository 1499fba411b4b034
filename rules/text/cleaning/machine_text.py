"""Knows which lines a machine wrote: logs, stack traces, code, whose "error" and "failed" are nobody's anger."""

import re
from collections.abc import Iterator, Sequence

from rules.text.common_words import languages_of

_LONGEST = 400

_MACHINE = re.compile(
    r"at [\w$.<>/]{3,200}\(.{0,200}\)|at .{3,200}:\d+:\d+\)?|file \".{1,250}\", line \d+.*"
    r"|traceback \(most recent call.*|raise [\w.]{1,80}\(.*|throw new [\w.]{1,80}\(.*"
    r"|caused by: [\w.$]+.*|\.{3} \d+ (?:more|common frames).*|(?:[a-z_$][\w$]*\.)+[\w$]*(?:exception|error|fault)\b.*"
    r"|(?:uncaught |unhandled )?[a-z]+(?:error|exception): .*|exception in thread .*|(?:fatal"
    r"|segmentation) (?:error|fault)\b.*"
    r"|\[?\d{4}-\d\d-\d\d[t ]\d\d:\d\d:\d\d.*|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? .*|\[\d{1,2}/[a-z]{3}/\d{4}.*"
    r"|[a-z]{3} [ \d]\d \d\d:\d\d:\d\d .*"
    r"|(?:get|post|put|patch|delete|head|options) (?:/|https?://)\S*.*|http/[\d.]+ \d{3}.*|npm err!.*|\$ \S.*"
    r"|c:\\\S*>.*"
    r"|(?:[\w-]{1,40}: )?\[?(?:error|warn|warning|info|debug|trace|fatal|critical|notice|severe)\] .*"
    r"|[\w.-]{1,60}=\S{1,200}|[\w/-]{1,100}\.\w{1,8}:\d+(?::\d+)?:? .*|0x[0-9a-f]{4,}.*|(?:[0-9a-f]{2} ){8,}.*"
    r"|[^\s]{60,}"
    r"|[{}\[\]();,]+|exit (?:code|status) \d+.*|\(?(?:gdb|pdb)\) .*|(?:diff --git|index [0-9a-f]{7}|@@ ).*",
    re.IGNORECASE,
)
# As log levels stand in capitals only.
_LEVEL = re.compile(r"(?:ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL|CRITICAL|SEVERE)[ \t]{0,4}(?:[:|\[-]|\d|[a-z]+\.).*")
_MARKS = re.compile(r"[{}\[\]()<>;=|\\/_$&^%+*\"`]")
_SPACED_MARKS = re.compile(r"(?:^|\s)(?:[{}]|=>|==|!=|&&|\|\||->)(?:\s|$)|[\w)\"'];$|\{$|\w\(\)")
_WORD = re.compile(r"[^\W\d_]{1,40}")
_MANY_MARKS, _SOME_MARKS = 0.24, 0.06
_FENCE = re.compile(r"(?:```|~~~|\{code\b[^{}]{0,40}\}|\{noformat\})[\w-]{0,20}")
_INLINE = re.compile(r"(?<!\w)`[^`\n]{1,300}`(?!\w)")
_LINK = re.compile(r"https?://\S+")


def without_machine_text(lines: Sequence[str]) -> list[str]:
    """The stripped lines that a person wrote; fenced blocks go whole, `code` inside a line goes alone."""
    human = (line for line in _unfenced(lines) if not is_machine_text(line))
    return [" ".join(_INLINE.sub(" ", line).split()) if "`" in line else line for line in human]


def is_machine_text(line: str) -> bool:
    """Whether a line comes from a log, a stack trace or a program."""
    if not line:
        return False
    if _MACHINE.fullmatch(line[:_LONGEST]) or _LEVEL.match(line[:_LONGEST]):
        return not _is_a_link(line)
    marks = len(_MARKS.findall(_LINK.sub("", line[:_LONGEST])))
    if marks < 2 or _speaks(line[:_LONGEST]):
        return False
    share = marks / len(line[:_LONGEST])
    return share > _MANY_MARKS or (share > _SOME_MARKS and _SPACED_MARKS.search(line) is not None)


def _speaks(line: str) -> bool:
    """Whether a line has the small words of a sentence, or no words at all (as emoticons)."""
    words = _WORD.findall(line.lower())
    common = sum(word in languages_of() for word in words)
    return not words or (common >= 2 and 3 * common >= len(words))


def _is_a_link(line: str) -> bool:
    return _LINK.match(line) is not None


def _unfenced(lines: Sequence[str]) -> Iterator[str]:
    fences = [number for number, line in enumerate(lines) if line[:1] in {"`", "~", "{"} and _FENCE.match(line)]
    fences = fences[: len(fences) // 2 * 2]
    opened = False
    inside = set(fences)
    for number, line in enumerate(lines):
        if number in inside:
            # A block may open and end on the same line.
            opened = not opened
        elif not opened:
            yield line
