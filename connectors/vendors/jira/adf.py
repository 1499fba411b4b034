"""Knows Atlassian's document format: the plain text of a document, and a document of plain text."""

from collections.abc import Iterator, Mapping
from typing import Any

# Deeper than this nobody writes; who nests deeper wants to exhaust us.
_DEEPEST = 60
_OWN_LINE = frozenset(
    {"paragraph", "heading", "codeBlock", "listItem", "taskItem", "decisionItem", "tableRow", "blockquote", "rule",
     "panel", "expand", "nestedExpand", "mediaSingle", "mediaGroup", "blockCard", "embedCard"}
)  # fmt: skip
_ATTRIBUTES = ("text", "url", "title", "shortName", "alt")


def plain(document: object) -> str:
    """The text of a document, a line for each block; a text that is no document stands as it is."""
    if isinstance(document, str):
        return document.replace("\0", "").strip()
    lines = "".join(_pieces(document, 0)).replace("\0", "").split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def document(text: str) -> dict[str, Any]:
    """A document that shows `text`, a paragraph for each line."""
    lines = [[{"type": "text", "text": line}] if line.strip() else [] for line in text.split("\n")]
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": each} for each in lines]}


def _pieces(node: object, depth: int) -> Iterator[str]:
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        return
    kind = str(node.get("type"))
    if kind == "hardBreak" or kind in _OWN_LINE:
        yield "\n"
    if kind in {"tableCell", "tableHeader"}:
        yield " "
    if isinstance(node.get("text"), str):
        yield node["text"]
    attributes = node.get("attrs")
    # A mention, an emoji, a card or a status shows what stands in its attributes.
    shown = (attributes.get(name) for name in _ATTRIBUTES) if isinstance(attributes, Mapping) else ()
    yield from (each for each in [next((each for each in shown if isinstance(each, str)), None)] if each)
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        # The paragraph of a list's item or a cell begins no line of its own.
        inline = kind in {"listItem", "tableCell", "tableHeader"} and isinstance(child, Mapping)
        yield from _pieces(
            {**child, "type": "inline"} if inline and child.get("type") == "paragraph" else child, depth + 1
        )
