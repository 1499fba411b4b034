"""Knows how made-up support messages are put together from hand-written sentences, and how each of them sounds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

_SLOT = re.compile(r"\{(\w{1,12})\}")
_OPENINGS = (
    "", "", "", "", "@company ", "@company ", "@company ", "hi, ", "hello ", "hi team, ", "dear support, ", "hey ",
    "@company hi ", "hey @company ", "so ", "well, ", "@company @other ", "good morning, ", "dear sir or madam, ",
    ".@company ",
)  # fmt: skip
_ENDS = {
    "negative": (
        "",
        "",
        "",
        ".",
        ".",
        "!",
        "!!",
        "!!!",
        "...",
        "?!",
        " :(",
        " smh",
        " ugh",
        " #fail",
        " 😡",
        " 😠",
        " 👎",
        " 😒",
        " thanks.",
    ),
    "positive": ("", "", "", ".", "!", "!", "!!", "!!!", " :)", " 😊", " 👍", " ❤️", " #thanks", " 😍", " 🙏"),
    "neutral": ("", "", "", "", ".", ".", "?", "?", " thanks", ". thank you", " thx", " please", ". regards", " 🙂"),
}
_HABITS = ("thanks", "thank you", "many thanks in advance", "thanks in advance")
_SHOUTS = {"negative": 0.06, "positive": 0.03, "neutral": 0.005}
_NEGATIVE, _NEUTRAL, _POSITIVE = (0.93, 0.05, 0.02), (0.04, 0.92, 0.04), (0.02, 0.05, 0.93)
_MIXED = (0.72, 0.2, 0.08)
_SOUNDS = {"negative": _NEGATIVE, "neutral": _NEUTRAL, "positive": _POSITIVE, "mixed": _MIXED}


@dataclass(frozen=True)
class Made:
    """A made-up message and how it sounds: the shares of negative, neutral and positive."""

    text: str
    sounds: tuple[float, float, float]


class Sentences:
    """The hand-written sentences, filled and joined by chance."""

    def __init__(self, path: Path, seed: int) -> None:
        self._dice = Random(seed)
        self._slots: dict[str, list[str]] = {}
        self._kinds: dict[str, list[str]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            self._learn(line.strip())

    def _learn(self, line: str) -> None:
        if not line or (line.startswith("#") and " " in line):
            return
        if line.startswith("[slot "):
            self._into = self._slots.setdefault(line[6:-1], [])
        elif line.startswith("["):
            self._into = self._kinds.setdefault(line[1:-1], [])
        elif self._into in self._slots.values():
            self._into += [choice.strip() for choice in line.split("|")]
        else:
            self._into.append(line)

    def singles(self, times: int) -> list[Made]:
        """Every sentence, filled `times` times."""
        return [
            Made(self._filled(sentence), _SOUNDS[kind])
            for kind, sentences in self._kinds.items()
            for sentence in sentences
            for _ in range(times)
        ]

    def messages(self, wanted: int) -> list[Made]:
        """So many messages of one to three sentences."""
        return [self._message() for _ in range(wanted)]

    def _message(self) -> Made:
        dice = self._dice
        (kind,) = dice.choices(("negative", "positive", "neutral", "mixed", "thanked", "asked"), (34, 22, 32, 3, 4, 5))
        if kind == "thanked":
            # A thank-you that ends a question is a habit, no praise.
            return self._written(
                "neutral",
                [
                    self._one("neutral"),
                    dice.choice(["thanks", "thank you", "many thanks in advance", "thanks in advance"]),
                ],
            )
        if kind == "asked":
            parts = [self._one("negative"), self._one("neutral")]
            dice.shuffle(parts)
            return Made(self._written("negative", parts).text, (0.8, 0.16, 0.04))
        (count,) = dice.choices((1, 2, 3), (5, 4, 2))
        parts = [self._one(kind) for _ in range(count)]
        if kind in {"negative", "positive"} and dice.random() < 0.2:
            parts.insert(0, self._one("neutral"))
        made = self._written("negative" if kind == "mixed" else kind, parts)
        return Made(made.text, _SOUNDS[kind])

    def _written(self, kind: str, parts: Sequence[str]) -> Made:
        dice = self._dice
        joiner = dice.choice([". ", ". ", ", ", "! " if kind != "neutral" else ". ", " - ", " and "])
        text = dice.choice(_OPENINGS) + joiner.join(parts) + dice.choice(_ENDS[kind])
        if dice.random() < 0.6:
            text = text[:1].upper() + text[1:]
        if dice.random() < _SHOUTS[kind]:
            text = text.upper()
        return Made(text, _SOUNDS[kind])

    def _one(self, kind: str) -> str:
        return self._filled(self._dice.choice(self._kinds[kind]))

    def _filled(self, sentence: str) -> str:
        while "{" in sentence:
            sentence = _SLOT.sub(lambda slot: self._dice.choice(self._slots[slot[1]]), sentence, count=1)
        return sentence
