"""Knows the teacher: MiniLM, tuned for one round; slow, but it knows words that no label shows."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

Floats = NDArray[np.float32]
Example = tuple[str, Sequence[float]]

_SEED, _BATCH, _READ, _TOKENS, _WARM = 7, 32, 128, 56, 80
_RATE, _HEAD_RATE, _WIDTH, _FROZEN = 6e-5, 1e-3, 384, 2


class Teacher(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    """Mean of MiniLM's last layer, and one linear layer to three logits."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        torch.manual_seed(_SEED)
        self.split: Any = AutoTokenizer.from_pretrained(folder)
        self.body: Any = AutoModel.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.head = torch.nn.Linear(_WIDTH, 3)
        for part in (self.body.embeddings, *self.body.encoder.layer[:_FROZEN]):
            part.requires_grad_(False)

    def forward(self, texts: Sequence[str]) -> Any:
        """Logits and vectors of texts."""
        split = self.split([plain(text) for text in texts], padding=True, truncation=True, max_length=_TOKENS,
                           return_tensors="pt")  # fmt: skip
        with torch.autocast("cpu", dtype=torch.bfloat16):
            last = self.body(**split).last_hidden_state.float()
        mask = split["attention_mask"].unsqueeze(-1).float()
        vectors = (last * mask).sum(1) / mask.sum(1)
        return self.head(torch.nn.functional.dropout(vectors, 0.1, self.training)), vectors

    def tune(self, examples: Sequence[Example]) -> None:
        """One round over the examples."""
        trained = [each for each in self.body.parameters() if each.requires_grad]
        optimizer = torch.optim.AdamW([{"params": trained}, {"params": self.head.parameters()}], weight_decay=0.01)
        batches = list(_batches(examples))
        self.train()
        for step, batch in enumerate(batches):
            share = min(1, (step + 1) / _WARM) * (1 - step / len(batches))
            for group, rate in zip(optimizer.param_groups, (_RATE, _HEAD_RATE), strict=True):
                group["lr"] = rate * share
            logits, _ = self([text for text, _ in batch])
            wanted = torch.tensor([list(shares) for _, shares in batch])
            loss = -(torch.log_softmax(logits, 1) * wanted).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
            optimizer.step()
        self.eval()

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """The shares (n × 3) and vectors (n × 384) of texts."""
        shares = np.zeros((len(texts), 3), dtype=np.float32)
        vectors = np.zeros((len(texts), _WIDTH), dtype=np.float32)
        order = np.argsort([len(text) for text in texts])
        with torch.no_grad():
            for begins in range(0, len(order), _READ):
                some = order[begins : begins + _READ]
                logits, found = self([texts[each] for each in some])
                shares[some], vectors[some] = torch.softmax(logits, 1).numpy(), found.numpy()
        return shares, vectors


def plain(text: str) -> str:
    """A text without addresses and with one name for all mentions."""
    for entity, meant in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, meant)
    return " ".join(re.sub(r"@\w+", "@user", re.sub(r"https?://\S+", "", text)).split())


def _batches(examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    dice = random.Random(_SEED)
    ordered = sorted(examples, key=lambda each: len(each[0]) + dice.random() * 15)
    batches = [ordered[begins : begins + _BATCH] for begins in range(0, len(ordered), _BATCH)]
    dice.shuffle(batches)
    yield from batches
