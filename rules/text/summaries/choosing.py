"""Chooses which sentences of a thread to quote: by role, by what they tell and how central they are, none twice."""

from collections.abc import Sequence

import numpy as np

from rules.text.summaries.similarity import Matrix, centrality, likeness, weighted
from rules.text.summaries.thread import Candidate, ReadThread

# How alike two sentences may be to stand beside one another, and what likeness costs below that.
_REPEATS, _DIVERSITY = 0.55, 0.8
# What is worth quoting informs: so many words of its own, up to which each adds.
_INFORMS, _WORDS_THAT_INFORM, _WORDS_THAT_TELL, _CENTRAL = 1.5, 8, 5, 1.5
_SAYS_SOMETHING = 3


def chosen(thread: ReadThread, most: int, wanted: int | None = None) -> dict[int, str]:
    """The places of at most `most` sentences among the thread's candidates, and why each.

    First comes the one at `wanted`, where one is; then the best of the customer's first message, of the agent's last
    move and of the customer's last word; then whatever is worth most. What is as good as said already is passed over.
    """
    if not thread.candidates or most <= 0:
        return {}
    alike = likeness(weighted([each.words for each in thread.candidates]))
    choice = _Choice(thread.candidates, alike)
    roles = _roles(thread) if wanted is None else [([wanted], ""), *_roles(thread)]
    for places, why in roles[:most]:
        choice.take_best(places, why)
    everywhere = range(len(thread.candidates))
    while len(choice.taken) < most and choice.take_best(everywhere, ""):
        pass
    return choice.taken


def _roles(thread: ReadThread) -> list[tuple[list[int], str]]:
    """The sentences of the customer's first message, of the agent's last move, and of the customer's last word."""
    says = [each for each in thread.candidates if each.weighed.points >= 0 and _says(each)]
    customer = [each.message for each in says if thread.is_customer(each)]
    agent = [each.message for each in says if not thread.is_customer(each)]
    wanted = [
        (customer[:1], "the customer's first message"),
        (agent[-1:], "the agent's last move"),
        (customer[-1:] if customer and customer[-1] != customer[0] else [], "the last customer word"),
    ]
    return [
        ([place for place, each in enumerate(thread.candidates) if each.message == message[0] and _says(each)], why)
        for message, why in wanted
        if message
    ]


def _says(candidate: Candidate) -> bool:
    return len(candidate.words) >= _SAYS_SOMETHING


class _Choice:
    """What has been chosen so far, and what the rest is worth."""

    def __init__(self, candidates: Sequence[Candidate], alike: Matrix) -> None:
        self.taken: dict[int, str] = {}
        self._candidates, self._alike = candidates, alike
        points = np.array([each.weighed.points for each in candidates])
        words = np.array([len(set(each.words)) for each in candidates])
        central = centrality(alike, np.maximum(points, 0.05))
        # "Escalate this!" is grave, but tells nobody what it is about.
        told = points * np.minimum(words / _WORDS_THAT_TELL, 1.0)
        informs = np.minimum(words / _WORDS_THAT_INFORM, 1.0)
        self._worth: Matrix = told + _INFORMS * informs + _CENTRAL * central
        self._told: set[str] = set()

    def take_best(self, places: Sequence[int], why: str) -> bool:
        """Choose the best of `places` that says something new; False where none does."""
        best, most = -1, -np.inf
        for place in places:
            nearest = float(self._alike[place, list(self.taken)].max()) if self.taken else 0.0
            worth = self._worth[place] - _DIVERSITY * nearest
            if worth > most and nearest <= _REPEATS and self._is_new(place):
                best, most = place, worth
        if best < 0:
            return False
        candidate = self._candidates[best]
        self.taken[best] = why or candidate.weighed.because or "what others speak of"
        self._told.add(_bare(candidate.text))
        return True

    def _is_new(self, place: int) -> bool:
        candidate = self._candidates[place]
        return place not in self.taken and candidate.weighed.points >= 0 and _bare(candidate.text) not in self._told


def _bare(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".!? ")
