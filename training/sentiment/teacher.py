"""Knows the teacher: MiniLM, tuned for one round; slow, but it knows words that no label shows."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from training.sentiment.made import Made
from training.sentiment.progress import told
from training.sentiment.sources import Rated, Shares, shares_of

Floats = NDArray[np.float32]

_SEED, _BATCH, _READ, _TOKENS, _WARM = 7, 32, 64, 56, 80
_RATE, _HEAD_RATE, _WIDTH, _FROZEN = 6e-5, 1e-3, 384, 2
# Texts are drawn by source, so that a step is worth its seconds.
_DRAWN = {"movie_rated": 0.55, "editorial_rated": 0.45, "words": 0.35, "made": 0.85}
_MADE_RATING = 0.7

Example = tuple[str, Shares, float, str]


def examples_of(rated: Sequence[Rated], words: dict[str, float], made: Sequence[Made]) -> list[Example]:
    """Text, shares, rating −1..1 and source of all that the teacher may learn from."""
    return [
        *((each.text, each.shares, each.rating, each.source) for each in rated if not each.is_held_out),
        *((word, shares_of(rating * 25), max(-1.0, min(rating / 4, 1.0)), "words") for word, rating in words.items()),
        *((each.text, each.sounds, _MADE_RATING * (each.sounds[2] - each.sounds[0]), "made") for each in made),
    ]


class Teacher(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    """Mean of MiniLM's last layer; one linear layer to three logits, one to the rating."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        torch.manual_seed(_SEED)
        self.split: Any = AutoTokenizer.from_pretrained(folder)
        self.body: Any = AutoModel.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.head, self.rating = torch.nn.Linear(_WIDTH, 3), torch.nn.Linear(_WIDTH, 1)
        for part in (self.body.embeddings, *self.body.encoder.layer[:_FROZEN]):
            part.requires_grad_(False)

    def forward(self, texts: Sequence[str]) -> Any:
        """Logits, ratings and vectors of texts."""
        split = self.split([plain(text) for text in texts], padding=True, truncation=True, max_length=_TOKENS,
                           return_tensors="pt")  # fmt: skip
        with torch.autocast("cpu", dtype=torch.bfloat16):
            last = self.body(**split).last_hidden_state.float()
        mask = split["attention_mask"].unsqueeze(-1).float()
        vectors = (last * mask).sum(1) / mask.sum(1)
        logits = self.head(torch.nn.functional.dropout(vectors, 0.1, self.training))
        return logits, torch.tanh(self.rating(vectors)).squeeze(-1), vectors

    def tune(self, examples: Sequence[Example], most_steps: int | None = None) -> None:
        """One round over the drawn examples."""
        batches = _batches(examples)[:most_steps]
        trained = [each for each in self.body.parameters() if each.requires_grad]
        heads = [*self.head.parameters(), *self.rating.parameters()]
        optimizer = torch.optim.AdamW([{"params": trained}, {"params": heads}], weight_decay=0.01)
        rarity = _rarity(examples)
        self.train()
        for step, batch in enumerate(batches):
            share = min(1, (step + 1) / _WARM) * (1 - step / len(batches))
            for group, rate in zip(optimizer.param_groups, (_RATE, _HEAD_RATE), strict=True):
                group["lr"] = rate * share
            loss = self._loss(batch, rarity)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
            optimizer.step()
            if step % 50 == 0:
                told(f"teacher: step {step} of {len(batches)}, loss {loss.item():.3f}")
        self.eval()

    def _loss(self, batch: Sequence[Example], rarity: Any) -> Any:
        logits, ratings, _ = self([text for text, _, _, _ in batch])
        shares = torch.tensor([shares for _, shares, _, _ in batch])
        rated = torch.tensor([rating for _, _, rating, _ in batch])
        return -(torch.log_softmax(logits, 1) * shares * rarity).sum(1).mean() + ((ratings - rated) ** 2).mean()

    def read(self, texts: Sequence[str], what: str) -> tuple[Floats, Floats]:
        """The shares (n × 3) and vectors (n × 384) of texts."""
        shares = np.zeros((len(texts), 3), dtype=np.float32)
        vectors = np.zeros((len(texts), _WIDTH), dtype=np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        with torch.no_grad():
            for begins in range(0, len(order), _READ):
                some = order[begins : begins + _READ]
                logits, _, found = self([texts[each] for each in some])
                shares[some], vectors[some] = torch.softmax(logits, 1).numpy(), found.numpy()
        told(f"teacher: read {len(texts)} {what}")
        return shares, vectors


def plain(text: str) -> str:
    """A text without addresses and with one name for all mentions."""
    for entity, meant in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, meant)
    return " ".join(re.sub(r"@\w+", "@user", re.sub(r"https?://\S+", "", text)).split())


def _rarity(examples: Sequence[Example]) -> Any:
    """What negative, neutral and positive weigh, so that the rare ones are learned too."""
    mean = np.mean([shares for _, shares, _, source in examples if source != "words"], axis=0)
    weights = mean**-0.5
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)


def _batches(examples: Sequence[Example]) -> list[Sequence[Example]]:
    dice = random.Random(_SEED)
    drawn = [each for each in examples if dice.random() < _DRAWN.get(each[3], 1.0)]
    drawn.sort(key=lambda each: len(each[0]) + dice.random() * 15)
    batches: list[Sequence[Example]] = [drawn[begins : begins + _BATCH] for begins in range(0, len(drawn), _BATCH)]
    dice.shuffle(batches)
    return batches
