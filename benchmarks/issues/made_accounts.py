"""Makes up accounts that ask about the issues of a labelled file, and knows how well a grouping finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# How an account's tickets spread over issues: a few that weigh more and more, half of them once only, many alike.
WAYS = ("habits", "strays", "many")


@dataclass(frozen=True)
class Figures:
    """F1 of pairs of an account's tickets, and of tickets whose issue came before."""

    pair: float
    repeat: float


@dataclass(frozen=True)
class Tickets:
    """Tickets in order of time, whose they are and what they are about."""

    texts: list[str]
    accounts: list[int]
    issues: list[str]

    def figures(self, groups: Sequence[int]) -> Figures:
        """How well a grouping agrees with the issues, within accounts."""
        pairs, repeats = np.zeros(3), np.zeros(3)
        owner, issue, group = np.array(self.accounts), np.array(self.issues), np.array(groups)
        for account in np.unique(owner):
            own = owner == account
            same = np.triu(issue[own][:, None] == issue[own], 1)
            found = np.triu(group[own][:, None] == group[own], 1)
            pairs += _counted(same, found)
            repeats += _counted(same.any(axis=0), found.any(axis=0))
        return Figures(_f1(pairs), _f1(repeats))


def made(by_issue: Mapping[str, Sequence[str]], way: str, accounts: int, seed: int) -> Tickets:
    """Accounts with 15 to 60 tickets each."""
    dice = np.random.default_rng(seed)
    names, company = sorted(by_issue), Tickets([], [], [])
    for account in range(accounts):
        count = int(dice.integers(15, 61))
        for name in _issues(names, way, count, dice):
            texts = by_issue[name]
            company.texts.append(str(texts[int(dice.integers(len(texts)))]))
            company.accounts.append(account)
            company.issues.append(name)
    return company


def _issues(names: Sequence[str], way: str, count: int, dice: np.random.Generator) -> list[str]:
    if way == "habits":
        own = dice.choice(names, min(int(dice.integers(3, 13)), len(names)), replace=False)
        weights = 1 / np.arange(1, len(own) + 1)
        return [str(name) for name in dice.choice(own, count, p=weights / weights.sum())]
    if way == "strays":
        own = dice.choice(names, min(int(dice.integers(2, 5)), len(names)), replace=False)
        strays = dice.random(count) < 0.5
        return [str(name) for name in np.where(strays, dice.choice(names, count), dice.choice(own, count))]
    own = dice.choice(names, min(int(dice.integers(8, 25)), len(names)), replace=False)
    return [str(name) for name in dice.choice(own, count)]


def _counted(same: np.ndarray, found: np.ndarray) -> np.ndarray:
    return np.array([(same & found).sum(), (~same & found).sum(), (same & ~found).sum()], dtype=float)


def _f1(counts: np.ndarray) -> float:
    return float(2 * counts[0] / max(2 * counts[0] + counts[1] + counts[2], 1))
