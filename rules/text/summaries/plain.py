"""Takes out of a text what is more than words: markup, addresses of the web, characters that are not seen."""

import re

_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)")
_SCHEME = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|mailto:|javascript:|data:)\S{0,2000}", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>?")
# Whoever names a host without a scheme still sends a reader there.
_HOST = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?:[:/]\S{0,500})?", re.IGNORECASE)
_MARKS = re.compile(r"[*_`#~|<>{}\\]+")


def plain(text: str) -> str:
    """The words of a text on one line; names of files and hosts with a dot in them go too."""
    text = _LINK.sub(r"\1", _INVISIBLE.sub(" ", text))
    for what in (_SCHEME, _TAG, _HOST, _MARKS):
        text = what.sub(" ", text)
    return " ".join(text.split())
