"""Knows what the pieces of a text are: words, mentions, numbers, marks, emoticons and emoji, in lower case."""

import re
from functools import lru_cache

# A mail's point stands at its beginning; what comes after is not read.
READ_CHARACTERS = 4_000
_LONGEST = 40
# Stretches between blanks of up to so many characters are taken apart once and remembered; so many of them.
_REMEMBERED_CHARACTERS, _REMEMBERED = 40, 50_000

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&"))
_HASHTAG = re.compile(r"#\w{1,60}")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_TOKEN = re.compile(
    r"https?://\S+|www\.\S+|@\w+|[^\W\d_]+(?:'[^\W\d_]+)?|\d[\d.,:%]*"
    r"|[:;=]['-]?[)(\]\[dp/|*3@\\]+|<3|\^_?\^|-_+-|[!?.]+|[^\w\s]"
)
_REPEATED = re.compile(r"([a-z])\1{2,}")
_ALIASES = {
    "dont": "don't", "cant": "can't", "wont": "won't", "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't",
    "wasnt": "wasn't", "arent": "aren't", "havent": "haven't", "hasnt": "hasn't", "couldnt": "couldn't",
    "wouldnt": "wouldn't", "shouldnt": "shouldn't", "werent": "weren't", "aint": "ain't", "im": "i'm", "ive": "i've",
    "youre": "you're", "thats": "that's", "u": "you", "ur": "your", "r": "are", "thx": "thanks", "thnx": "thanks",
    "tks": "thanks", "pls": "please", "plz": "please", "ppl": "people", "luv": "love", "gr8": "great",
    "thru": "through", "cuz": "because", "bc": "because", "w": "with", "b4": "before",
}  # fmt: skip


_FACES = {
    ")": ":)", "]": ":)", "d": ":)", "p": ":)", "*": ":)", "3": ":)", "(": ":(", "[": ":(",
    "/": ":/", "\\": ":/", "@": ":(",
}  # fmt: skip


def tokens_of(text: str) -> list[str]:
    """The pieces of a text's first 4,000 characters, as they stand in the vocabulary."""
    found = list[str]()
    # No piece has a blank in it.
    for stretch in readable(text).lower().split():
        found += _apart(stretch) if len(stretch) <= _REMEMBERED_CHARACTERS else _pieces(stretch)
    return found


def has_word(text: str) -> bool:
    """Whether there is a letter in what is read of a text."""
    return any(map(str.isalpha, text[:READ_CHARACTERS]))


def readable(text: str) -> str:
    """A text's beginning without invisible characters, entities, curly apostrophes and joined hashtags."""
    beginning = text[:READ_CHARACTERS]
    if not beginning.isascii() or not beginning.isprintable():
        beginning = _INVISIBLE.sub("", beginning).replace("’", "'").replace("`", "'")
    if "&" in beginning:
        for entity, meant in _ENTITIES:
            beginning = beginning.replace(entity, meant)
    return _HASHTAG.sub(_split_hashtag, beginning) if "#" in beginning else beginning


def _split_hashtag(found: re.Match[str]) -> str:
    return " ".join(["#", *_HUMP.findall(found[0])])


@lru_cache(maxsize=_REMEMBERED)
def _apart(stretch: str) -> tuple[str, ...]:
    return tuple(_pieces(stretch))


def _pieces(stretch: str) -> list[str]:
    return [_plain(found) for found in _TOKEN.findall(stretch)]


def _plain(token: str) -> str:
    first = token[0]
    if first.isalpha():
        if token.startswith(("http://", "https://", "www.")):
            return "<url>"
        short = _REPEATED.sub(r"\1\1", token[:_LONGEST])
        return _ALIASES.get(short, short)
    if first == "@" and len(token) > 1:
        return "<user>"
    if first.isdigit():
        return "<number>"
    return _mark(token)


def _mark(mark: str) -> str:
    if set(mark) <= set("!?."):
        if "!" in mark and "?" in mark:
            return "?!"
        return mark[0] if len(mark) == 1 else "..." if mark[0] == "." else mark[0] * 2
    if len(mark) > 1 and mark[0] in ":;=":
        return _FACES.get(mark[-1], ":|")
    return mark
