"""Knows how customers, agents and bots of the demo talk: sentences of phrases.toml, put together and made untidy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Literal

from domain.records import Record
from keepline.demo.dice import Dice

Slots = Mapping[str, str]
Phrases = Mapping[str, Any]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TYPOS, MARKUP, QUOTED, UNSIGNED = 0.05, 0.025, 0.08, 0.35


class Issue(Record):
    """One kind of request; `nature` says whether something is broken, asked or bought."""

    tag: str
    workflow: str
    nature: Literal["defect", "question", "commercial"]
    weight: float
    also: tuple[str, ...]
    subjects: tuple[str, ...]
    symptoms: tuple[str, ...]
    details: tuple[str, ...]
    fixes: tuple[str, ...]


def read_phrases() -> dict[str, Any]:
    return tomllib.loads(files("keepline.demo").joinpath("phrases.toml").read_text(encoding="utf-8"))


def issues_of(phrases: Phrases) -> list[Issue]:
    return [Issue.model_validate(entry) for entry in phrases["issue"]]


def foreign_tags(phrases: Phrases) -> dict[str, frozenset[str]]:
    """The issues that each language other than English has words for."""
    return {name: frozenset(e["tag"] for e in own["issues"]) for name, own in phrases["language"].items()}


def capitalised(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:] if sentence[:1].islower() else sentence


class _Slots(dict[str, str]):
    """What a thread fills its sentences with, chosen when a sentence first asks for it and kept from then on."""

    def __init__(self, dice: Dice, choices: Mapping[str, list[str]], known: Mapping[str, str]) -> None:
        super().__init__(known)
        self._dice, self._choices = dice, choices

    def __missing__(self, name: str) -> str:
        self[name] = self._dice.pick(self._choices[name])
        return self[name]


class Voice:
    """The words of one thread: its customer's language and tone, and the same page, file and error all through."""

    def __init__(self, dice: Dice, phrases: Phrases, issue: Issue, tone: str, language: str, slots: Slots) -> None:
        self._dice, self._phrases, self._issue, self._tone = dice, phrases, issue, tone
        self._slots = _Slots(dice, phrases["slots"], slots)
        self._broken = issue.nature == "defect"
        self._own = phrases["language"].get(language)
        self._matter = next(entry for entry in self._own["issues"] if entry["tag"] == issue.tag) if self._own else None
        self._words = phrases["tone"][tone]
        self._signoff = "" if dice.chance(UNSIGNED) else self._say(phrases["signoff"][language])

    def _say(self, choices: list[str] | tuple[str, ...]) -> str:
        sentence = self._dice.pick(choices)
        return capitalised(sentence.format_map(self._slots) if "{" in sentence else sentence)

    def subject(self) -> str:
        if self._matter:
            return capitalised(self._matter["subject"].format_map(self._slots))
        return self._say(self._issue.subjects)

    def opening(self) -> str:
        """Greeting, symptom, some detail and feeling, and what is asked for."""
        if self._own:
            return self._foreign_opening(self._own)
        dice, issue, words = self._dice, self._issue, self._words
        body = [self._say(issue.symptoms)]
        if self._tone == "angry":
            body.insert(0, self._say(words["feeling"]))
            if dice.chance(0.5):
                body.append(self._say(words["feeling"]))
        else:
            if dice.chance(0.6):
                body.append(self._say(issue.details))
            if dice.chance(0.75):
                body.append(self._say(words["feeling"]))
        return self._letter(self._say(words["greeting"]), " ".join(filter(None, body)), self._say(words["ask"]))

    def _foreign_opening(self, own: Phrases) -> str:
        upset = self._tone in {"frustrated", "angry"}
        symptom = capitalised(str(self._matter["symptom"] if self._matter else "").format_map(self._slots))
        body = f"{symptom} {self._say(own['angry' if upset else 'feeling'])}"
        return self._letter(self._say(own["greeting"]), body, self._say(own["ask"]))

    def _letter(self, *paragraphs: str) -> str:
        return self._untidy("\n\n".join(filter(None, (*paragraphs, self._signoff))))

    def reply(self, kind: str, before: str) -> str:
        """What the customer says next: `chase`, `still`, `details`, `thanks`, `relieved` or `unresolved`."""
        text = self._untidy(self._reply_words(kind))
        if self._dice.chance(QUOTED):
            quoted = before.split("\n", 1)[0]
            text = f"{text}\n\n> {quoted}"
        return text

    def _reply_words(self, kind: str) -> str:
        if self._own:
            return self._say(self._own["thanks" if kind in {"thanks", "relieved"} else "chase"])
        if kind == "relieved":
            return self._say(self._phrases["tone"]["relieved"]["thanks"])
        if kind == "details":
            answers = self._phrases["answer"]["defect" if self._broken else "plain"]
            return f"{self._say(answers)} {self._say(self._issue.details)}"
        plain = None if self._broken else self._words.get(f"{kind}_plain")
        return self._say(plain or self._words.get(kind) or self._words["still"])

    def agent(self, kind: str) -> str:
        """What the desk says: `asking`, `working` or `fix`."""
        agent = self._phrases["agent"]
        if self._own:
            return self._foreign_agent(kind, self._own)
        said = agent[kind if self._broken else f"{kind}_plain"] if kind != "fix" else self._issue.fixes
        parts = [self._say(said)]
        if self._tone in {"frustrated", "angry"} and self._dice.chance(0.6):
            parts.insert(0, self._say(agent["sorry"]))
        if kind == "fix":
            parts.append(self._say(agent["anything"]))
        body = " ".join(filter(None, parts))
        return f"{self._say(agent['greeting'])}\n\n{body}\n\n{self._say(agent['closing'])}"

    def _foreign_agent(self, kind: str, own: Phrases) -> str:
        if kind != "fix" or not self._matter:
            return self._say(own["asking"])
        fix = capitalised(str(self._matter["fix"]).format_map(self._slots))
        return f"{self._say(own['greeting'])}\n\n{fix}\n\nHarbour Analytics Support"

    def note(self) -> str:
        return self._say(self._phrases["agent"]["note"])

    def bot(self, kind: str) -> str:
        """An automatic text: `acknowledgement`, `withdrawn` or `out_of_office`."""
        return self._say(self._phrases["bot"][kind])

    def comment(self, mood: str) -> str:
        return self._say(self._phrases["survey"][mood])

    def _untidy(self, text: str) -> str:
        if self._dice.chance(TYPOS):
            text = self._mistyped(text)
        if self._dice.chance(MARKUP):
            lines = text.replace("\n\n", "<br><br>")
            text = f"<p>{lines}</p>&nbsp;"
        return text

    def _mistyped(self, text: str) -> str:
        place = self._dice.whole(0, max(0, len(text) - 3))
        pair = text[place : place + 2]
        return text[:place] + pair[::-1] + text[place + 2 :] if pair.isalpha() else text
