"""Knows the student: the network that `rules.text.sentiment` reads by, and how it learns from its lessons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.sentiment.lessons import Lessons
from training.sentiment.progress import told

Floats = NDArray[np.float32]

_SEED, _BATCH, _WARM, _LEAST_RATE = 1, 128, 100, 0.01
_RATE, _VECTOR_RATE, _DECAY = 2e-3, 1e-4, 1e-3
_DROPPED, _WORDS_DROPPED = 0.35, 0.1
# The weights that are kept are a running mean of those of the last steps.
_MEAN_EVERY, _MEAN_OVER, _MEAN_MOST = 8, 40, 0.97


@dataclass(frozen=True)
class Sizes:
    """How wide word vectors, filters and the hidden layer are."""

    vectors: int = 96
    filters: int = 96
    hidden: int = 48


class Student(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    """The same arithmetic as `rules.text.sentiment.network`, in a form that learns."""

    def __init__(self, rows: Floats, zero: int, cues: int, sizes: Sizes) -> None:
        super().__init__()
        pooled = 2 * sizes.filters + sizes.vectors + cues
        self.vectors = torch.nn.Embedding.from_pretrained(torch.tensor(rows), freeze=False)
        self.filters = torch.nn.Linear(3 * sizes.vectors, sizes.filters)
        self.hidden = torch.nn.Linear(pooled, sizes.hidden)
        self.out = torch.nn.Linear(sizes.hidden, 3)
        self.direct = torch.nn.Linear(pooled, 3)
        self._zero = zero

    def forward(self, places: Any, cues: Any) -> Any:
        """Three logits per text."""
        is_token = (places != self._zero).float()
        lengths = is_token.sum(1, keepdim=True).clamp(min=1).sqrt()
        if self.training:
            is_left_out = torch.rand_like(is_token) < _WORDS_DROPPED
            places = torch.where(is_left_out, torch.full_like(places, self._zero), places)
        rows = self.vectors(places) * (places != self._zero).unsqueeze(-1)
        none = torch.zeros_like(rows[:, :1])
        around = torch.cat([torch.cat([none, rows[:, :-1]], 1), rows, torch.cat([rows[:, 1:], none], 1)], 2)
        answers = torch.relu(self.filters(around)) * is_token.unsqueeze(-1)
        means = [each.sum(1) / lengths * 0.5 for each in (answers, rows)]
        pooled = torch.cat([answers.max(1)[0], *means, cues], 1)
        pooled = torch.nn.functional.dropout(pooled, _DROPPED, self.training)
        return self.out(torch.relu(self.hidden(pooled))) + self.direct(pooled)


def taught(rows: Floats, zero: int, lessons: Lessons, rounds: int, sizes: Sizes) -> dict[str, Floats]:
    """The student's weights by name after so many rounds of the lessons."""
    torch.manual_seed(_SEED)
    student = Student(rows, zero, lessons.cues.shape[1], sizes)
    mean = {name: each.detach().clone() for name, each in student.state_dict().items()}
    others = [each for name, each in student.named_parameters() if name != "vectors.weight"]
    optimizers = (torch.optim.AdamW(others, weight_decay=_DECAY), torch.optim.Adam([student.vectors.weight]))
    steps = rounds * (len(lessons.places) // _BATCH)
    student.train()
    for step, batch in enumerate(_batches(lessons, rounds)):
        share = min(1, step / _WARM) * (1 - step / steps) + _LEAST_RATE
        for optimizer, rate in zip(optimizers, (_RATE, _VECTOR_RATE), strict=True):
            optimizer.param_groups[0]["lr"] = rate * share
        _learn(student, optimizers, lessons, batch, zero)
        if (step + 1) % _MEAN_EVERY == 0:
            _take_in(mean, student, step + 1)
        if step % 200 == 0:
            told(f"student: step {step} of {steps}")
    return {name: each.numpy().astype(np.float32) for name, each in mean.items()}


def _learn(student: Student, optimizers: Any, lessons: Lessons, batch: NDArray[np.int64], zero: int) -> None:
    longest = max(len(lessons.places[each]) for each in batch)
    places = np.full((len(batch), longest), zero)
    for row, each in enumerate(batch):
        places[row, : len(lessons.places[each])] = lessons.places[each]
    logits = student(torch.tensor(places), torch.tensor(lessons.cues[batch]))
    given = (torch.log_softmax(logits, 1) * torch.tensor(lessons.shares[batch])).sum(1)
    loss = -(given * torch.tensor(lessons.weights[batch])).mean()
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()


def _take_in(mean: dict[str, Any], student: Student, step: int) -> None:
    kept = min(_MEAN_MOST, step / (step + _MEAN_OVER))
    with torch.no_grad():
        for name, each in student.state_dict().items():
            mean[name].lerp_(each, 1 - kept)


def _batches(lessons: Lessons, rounds: int) -> Iterator[NDArray[np.int64]]:
    """Texts of about the same length together, the batches in an order by chance."""
    dice = np.random.default_rng(_SEED)
    lengths = np.array([len(each) for each in lessons.places])
    for _ in range(rounds):
        order = np.argsort(lengths + dice.random(len(lengths)) * 6)
        batches = [order[at : at + _BATCH] for at in range(0, len(order) - _BATCH + 1, _BATCH)]
        dice.shuffle(batches)  # type: ignore[arg-type,unused-ignore]
        yield from batches
