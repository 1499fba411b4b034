"""Knows the way from texts to a file of weights: vocabulary, teacher, lessons, student, temperature."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import torch

from training.sentiment.files import Weights, packed, read_by
from training.sentiment.lessons import Texts, framed, lessons, pieces_of
from training.sentiment.made import Sentences
from training.sentiment.progress import told
from training.sentiment.sources import rated_texts, textblob_words, unlabelled_texts, word_ratings
from training.sentiment.student import Sizes, taught
from training.sentiment.teacher import Teacher, examples_of
from training.sentiment.tempering import all_read, chosen, measured, tuning_files
from training.sentiment.vocabulary import Places, model_folder, reduced, shown, words_of

_SENTENCES = Path(__file__).with_name("sentences.txt")
_DIRECTED_BY = 3_000
_SEEDS = {"teacher's messages": 11, "student's messages": 5, "texts": 3, "pieces": 4, "frames": 6}


@dataclass(frozen=True)
class Size:
    """How much is made and learned; the quick one only shows that the way can be gone."""

    words: int = 34_000
    teacher_steps: int | None = None
    teacher_messages: int = 6_500
    messages: int = 20_000
    pieces: int = 14_000
    framed: int = 8_000
    questions: int = 3_500
    rated: int | None = None
    rounds: int = 3
    measured: int | None = None


QUICK = Size(2_000, 12, 200, 600, 200, 200, 100, 300, 1, 300)


def built(folder: Path, names: Sequence[str], output: Path, size: Size) -> None:
    """Learn from the files `names` of the folder and write the weights.

    Raises:
        NotShippable: a file may not be trained on; the message tells why.
    """
    texts = _texts(folder, names, size)
    teacher = Teacher(model_folder())
    made = Sentences(_SENTENCES, _SEEDS["teacher's messages"])
    teacher.tune(
        examples_of(texts.rated, texts.words, made.singles(2) + made.messages(size.teacher_messages)),
        size.teacher_steps,
    )
    weights = _student(folder, texts, teacher, size)
    _tempered(folder, texts, weights, size).write(output)
    told(f"written: {output}")


def _texts(folder: Path, names: Sequence[str], size: Size) -> Texts:
    dice = Random(_SEEDS["texts"])
    rated = [each for name in names for each in rated_texts(folder, name)]
    rated = rated if size.rated is None else dice.sample(rated, size.rated)
    made = Sentences(_SENTENCES, _SEEDS["student's messages"])
    questions = dice.sample(unlabelled_texts(folder), size.questions)
    return Texts(rated, made.singles(3) + made.messages(size.messages), questions, word_ratings())


def _student(folder: Path, texts: Texts, teacher: Teacher, size: Size) -> Weights:
    read = [each.text for each in texts.rated]
    seen = [*read, *unlabelled_texts(folder), *(each.text for each in texts.made)]
    words = words_of(seen, texts.words, model_folder(), size.words)
    vectors = reduced(teacher.read(shown(words), "words")[1], Sizes().vectors)
    rated_words = [*texts.words, *textblob_words()]
    pieces = [
        *pieces_of(read, size.pieces, _SEEDS["pieces"]),
        *framed(rated_words, size.framed, _SEEDS["frames"]),
    ]
    places = Places(words)
    learned = lessons(texts, pieces, teacher, places)
    told(f"student: {len(words)} words, {len(learned.places)} texts")
    return packed(words, taught(places.rows(vectors), places.zero, learned, size.rounds, Sizes()))


def _tempered(folder: Path, texts: Texts, weights: Weights, size: Size) -> Weights:
    names = tuning_files(folder)
    with TemporaryDirectory() as there:
        path = Path(there) / "weights.npz"
        weights.write(path)
        with read_by(path):
            files = [measured(folder, name, size.measured) for name in names]
            some = Random(_SEEDS["texts"]).sample(texts.rated, min(_DIRECTED_BY, len(texts.rated)))
            hidden = all_read([each.text for each in some])[1]
    temperature, biases = chosen(files)
    told(f"temperature {temperature}, biases {np.round(biases, 2).tolist()}, chosen on {', '.join(names)}")
    return weights.tempered(temperature, biases).directed(hidden)


def one_thread() -> None:
    """Let sums be added up in one order, and leave the other cores to others."""
    torch.set_num_threads(1)
