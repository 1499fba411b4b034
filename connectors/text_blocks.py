"""Knows how a text file becomes pieces that end at a line's end, in little memory, whatever its bytes are."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from connectors.mapping import Limits

_CHUNK = 1 << 20
# Too few for statistics: then the commonest encoding of the West is the better guess.
_FEW_ODD_BYTES = 40
_UNUSED_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Block:
    """Whole lines from physical line `line` on. `clean` is False where bytes did not fit the encoding.

    Such bytes stand in `text` as lone surrogates (or U+FFFD in the wide encodings), so that the rows keep their shape.
    """

    text: str
    line: int
    clean: bool


@dataclass(frozen=True)
class TooLong:
    """Physical line `line` is over the limit; `start` is how it begins, the rest was never kept."""

    line: int
    start: str


def bom_encoding(head: bytes) -> str | None:
    """The encoding that a byte order mark at the start of a file names."""
    return next((name for mark, name in _BOMS if head.startswith(mark)), None)


def suggested_encoding(content: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8; a guess, for messages."""
    narrow = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac_roman", "shift_jis", "euc_kr", "gb18030", "big5"]
    odd = content.translate(None, bytes(range(128)))
    if len(odd) < _FEW_ODD_BYTES and not set(odd) & _UNUSED_IN_CP1252:
        return "cp1252"
    best = from_bytes(content, cp_isolation=narrow).best()
    return best.encoding if best is not None else "cp1252"


def mended(text: str, encoding: str, guess: str) -> str:
    """Text with undecodable bytes, read again in the encoding that they seem to have."""
    try:
        # `utf-8-sig` would put a mark in front of each cell.
        own = "utf-8" if encoding.startswith("utf-8") else encoding
        return text.encode(own, "surrogateescape").decode(guess, "replace")
    except UnicodeError:
        return text.encode("utf-8", "replace").decode()


def is_clean(text: str, encoding: str) -> bool:
    """That no byte of `text` failed to decode."""
    if text.isascii():
        return True
    if encoding.startswith(("utf-16", "utf-32")):
        return "\ufffd" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def blocks(path: Path, encoding: str, limits: Limits) -> Iterator[Block | TooLong]:
    """The file's lines in blocks of about a megabyte; never more than two lines' limit is in memory."""
    limit = limits.line_characters
    line, rest, skipping = 1, "", False
    for chunk in _decoded(path, encoding, min(limit, _CHUNK)):
        if skipping:
            end = _first_line_end(chunk)
            if end is None:
                continue
            chunk, skipping, line = chunk[end:], False, line + 1  # noqa: PLW2901
        text = rest + chunk
        if len(rest) + len(chunk) > limit and (too_long := _head_over(text, limit)) is not None:
            yield TooLong(line, text[:200])
            if too_long < 0:
                rest, skipping = "", True
                continue
            text, line = text[too_long:], line + 1
        cut = _last_line_end(text)
        whole, rest = text[:cut], text[cut:]
        if whole:
            yield Block(whole, line, is_clean(whole, encoding))
            line += count_lines(whole)
    if len(rest) > limit:
        yield TooLong(line, rest[:200])
    elif rest:
        yield Block(rest, line, is_clean(rest, encoding))


def count_lines(text: str) -> int:
    """Physical lines of text that ends at a line's end: a carriage return, a newline or both end one."""
    return text.count("\n") + (text.count("\r") - text.count("\r\n") if "\r" in text else 0)


def _decoded(path: Path, encoding: str, size: int) -> Iterator[str]:
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with path.open("rb") as file:
        while content := file.read(size):
            yield decoder.decode(content)
    yield decoder.decode(b"", final=True)


def _head_over(text: str, limit: int) -> int | None:
    """Where the text behind a first line over the limit begins, -1 if it has no end yet; None if it is not over."""
    end = _first_line_end(text)
    if end is None:
        return -1 if len(text) > limit else None
    return end if end > limit else None


def _first_line_end(text: str) -> int | None:
    ends = [at + 1 for at in (text.find("\n"), text.find("\r")) if at >= 0]
    if not ends:
        return None
    end = min(ends)
    return end + 1 if text[end - 1 : end + 1] == "\r\n" else end


def _last_line_end(text: str) -> int:
    cut = text.rfind("\n") + 1
    # A `\r` at the very end may be half of `\r\n`.
    return cut or text.rfind("\r", 0, max(len(text) - 1, 0)) + 1
