"""Knows how a message's HTML becomes lines: blocks end them, items keep their mark, quoted mail and signatures go.

Text without markup is left alone, so that `a < b` and `List<String>` stay what they are.
"""

import html
import re
from collections import Counter
from typing import Any

# A mail's markup is many times as long as its words; what lies behind is not read.
READ_MARKUP = 200_000

_TAGS = (
    r"(?:html|head|body|div|p|br|span|table|tbody|tr|td|a|b|i|u|em|ul|ol|li|blockquote|strong|font|img|h[1-6]|pre|code"
    r"|center|hr|o:p|section|article|small|sup|sub|strike|del|tt|meta|style)"
)
# At the beginning, a line's end, or around words; a tag that is only spoken of stays.
_BEGINS_WITH = re.compile(rf"\s{{0,99}}<(?:{_TAGS}(?:\s[^<>]{{0,1000}})?/?>|!doctype html|!--|\?xml)", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br\s{0,3}/?|/(?:p|div|blockquote|body|html))>(?!`)", re.IGNORECASE)
_AROUND = re.compile(r"(?<!`)<(a|b|i|u|em|strong|font|span|pre)(?:\s[^<>]{0,1000})?>[^<>]{1,500}</\1>", re.IGNORECASE)
_TAG_NAME = re.compile(r"<(/?)([a-z][a-z0-9]{0,10})", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-z!][^<>]{0,1000}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)
_SPACES = re.compile(r"\s+")

_UNSEEN = frozenset({"script", "style", "head", "title", "noscript", "template", "svg", "object", "iframe", "textarea"})
_BLOCKS = frozenset(
    "p div li tr table ul ol dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre hr section article header footer form center "
    "address figure".split()
)
_PARAGRAPHS = frozenset({"p", "pre", "table", "ul", "ol", "hr", "h1", "h2", "h3", "h4", "h5", "h6"})
# How mail programs and helpdesks name the containers of quoted mail and of signatures.
_QUOTED = re.compile(
    r"(?<![\w-])(?:gmail_(?:quote|extra|signature|attr)\w*|yahoo_(?:quoted|quote)|moz-(?:cite-prefix|signature)"
    r"|moz-forward"
    r"-container|protonmail_(?:quote|signature)\w*|tutanota_quote|zmail_extra|zd-quoted|zendesk_quote\w*|quoted-text"
    r"|quoted_reply|email-quote\w*|mail-quote\w*|freshdesk_quote|fd_quoted_text|freddy_quoted|hs_reply|hs-quote"
    r"|helpscout-quote|front-(?:blockquote|signature)|intercom-quoted|jive-quote|wisestamp\w*|x_gmail_quote|gmx_quote"
    r"|apple-mail-signature|ms-outlook-mobile-signature|signature|outlooksignature|olk_src_body_section)(?![\w-])",
    re.IGNORECASE,
)
# What follows these in a mail is the mail that it answers.
_QUOTE_FOLLOWS = re.compile(
    r"(?:x_)?(?:divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|isforwardcontent|stopspelling)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none|mso-hide\s{0,3}:\s{0,3}all", re.IGNORECASE)

# The parser takes quadratic time for deep nesting, and copies what is left open into each later block.
_DEEPEST, _MOST_LEFT_OPEN = 300, 20
_CLOSED_BY_THE_NEXT = frozenset("p li td tr th dt dd option br hr img meta link input col area base wbr".split())
_STYLING = frozenset("a b big code em font i nobr s small strike strong tt u".split())


def is_markup(body: str) -> bool:
    """Whether a text is written in the tags of mail programs, rather than speaking of some."""
    if "<" not in body or ">" not in body:
        return False
    if _BEGINS_WITH.match(body) or _AROUND.search(body[:READ_MARKUP]):
        return True
    broken = _BREAKS.search(body[:READ_MARKUP])
    return broken is not None and not body[: broken.start()].endswith((">", "`"))


def text_of(body: str, *, quoted: bool = False) -> str:
    """A message's words with a line for each block; with `quoted`, what its markup says is quoted stays in.

    Only the first 200,000 characters are read. Text without markup comes back with entities alone resolved.
    """
    if is_markup(body):
        body = body[:READ_MARKUP]
        body = _ANY_TAG.sub("\n", body) if _is_hostile(body) else _words(body, quoted)
        return _resolved(body)
    return _resolved(body)


def _resolved(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _is_hostile(body: str) -> bool:
    """Whether tags are left open so often that parsing would take long; a person's mail nests some 50 deep."""
    left_open, deep, styled = Counter[str](), 0, 0
    for closes, written in _TAG_NAME.findall(body):
        name = written.lower()
        step = -1 if closes else 1
        if name in _CLOSED_BY_THE_NEXT or left_open[name] + step < 0:
            continue
        left_open[name] += step
        deep += step
        styled += step * (name in _STYLING)
        if deep > _DEEPEST or styled > _MOST_LEFT_OPEN:
            return True
    return False


def _words(body: str, quoted: bool) -> str:
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(body).root
    return "" if root is None else "".join(_Walk(quoted).of(root))


class _Walk:
    """One way through a tree in the order of reading, without recursion."""

    def __init__(self, quoted: bool) -> None:
        self._keeps_quoted, self._written = quoted, list[str]()
        self._verbatim, self._breaks = 0, 0

    def of(self, root: Any) -> list[str]:
        node, depth = root, 0
        while True:
            inside = self._enter(node)
            if inside is None:
                return self._written
            if inside and node.first_child is not None:
                node, depth = node.first_child, depth + 1
                continue
            self._leave(node, inside)
            while node.next is None:
                if depth <= 1:
                    return self._written
                node, depth = node.parent, depth - 1
                self._leave(node, True)
            if depth == 0:
                return self._written
            node = node.next

    def _enter(self, node: Any) -> bool | None:
        """Whether to read what is inside; None: nothing from here on is the author's."""
        tag = node.tag
        if tag == "-text":
            words = node.text_content or ""
            self._write(words if self._verbatim else _SPACES.sub(" ", words))
            return False
        if tag in _UNSEEN or tag.startswith("-"):
            return False
        if tag == "br":
            self._breaks += 1
            return False
        follows = self._is_left_out(node, tag)
        if follows is not False:
            return None if follows is None else False
        if tag in _BLOCKS:
            self._break_line(tag)
        elif tag in {"td", "th"}:
            self._written.append(" ")
        self._verbatim += tag == "pre"
        return True

    def _is_left_out(self, node: Any, tag: str) -> bool | None:
        """Whether an element is not of the author's own words; None: nor is all that follows it."""
        attributes = node.attributes
        if attributes and _HIDDEN.search(attributes.get("style") or ""):
            return True
        if self._keeps_quoted:
            return False
        if attributes:
            names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:300]
            if len(names) > 1 and _QUOTED.search(names):
                return True
            if len(names) > 1 and any(map(_QUOTE_FOLLOWS.fullmatch, names.split())) and "".join(self._written).strip():
                return None
        return tag == "blockquote"

    def _leave(self, node: Any, inside: bool) -> None:
        if inside and node.tag in _BLOCKS:
            self._breaks = max(self._breaks, 2 if node.tag in _PARAGRAPHS else 1)
            self._verbatim -= node.tag == "pre"

    def _break_line(self, tag: str) -> None:
        self._breaks = max(self._breaks, 1)
        if tag == "li":
            self._write("- ")

    def _write(self, words: str) -> None:
        """Words with the breaks before them; of white space after a break nothing stays."""
        if self._breaks and words.strip():
            self._written.append("\n" * self._breaks)
            self._breaks = 0
        if not self._breaks:
            self._written.append(words)
