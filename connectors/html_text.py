"""Knows how to get the words out of the HTML in which some vendors keep what was said."""

import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "head", "title"})
_LINE_ENDS = frozenset(
    {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol"}
)


def html_text(html: str) -> str:
    """The visible words, a line for each block; text without any markup stays as it is."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _LINE_ENDS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        # A closing tag without an opening one must not make visible what is hidden, nor hide the rest.
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _LINE_ENDS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
