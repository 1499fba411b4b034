"""Tries rules of evidence in place: on their own examples, on a text, and on the messages that are stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from jobs.evidence_trial import Comparison, Moved, compared
from keepline import show
from keepline.bootstrap import Keepline
from rules.text.findings import EvidenceReader
from rules.text.findings.trial import BrokenExample, broken_examples, count_examples

_MOST_TEXTS = 10_000
_SHOWN = 15


def run(
    keepline: Keepline, text: str | None, file: Path | None, days: int, as_of: datetime | None, as_json: bool
) -> None:
    """Try the rules of `file`, or those in force; what breaks an example ends with exit code 1."""
    reader = keepline.rulebook.evidence() if file is None else keepline.evidence_reader(file)
    if text is not None:
        _try_texts(reader, _texts(text), as_json)
        return
    broken = list(broken_examples(reader))
    comparison = None if file is None else _compare(keepline, reader, days, as_of)
    if as_json:
        show.as_json(_plain(reader, broken, comparison))
    else:
        _print_examples(reader, broken)
        if comparison is not None:
            _print_comparison(comparison, reader, days)
    if broken:
        raise typer.Exit(1)


def _texts(text: str) -> list[str]:
    """The lines of a file of this name; a text that names none is itself."""
    # A text that is longer than any file's name, or holds what a name cannot, is no file.
    is_name = len(text) < 255 and text.isprintable()
    if is_name and Path(text).is_file():
        lines = Path(text).read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if line.strip()][:_MOST_TEXTS]
    return [text]


def _try_texts(reader: EvidenceReader, texts: Sequence[str], as_json: bool) -> None:
    found = [(text, reader.spans(text)) for text in texts]
    if as_json:
        show.as_json([{"text": text, "found": [vars(span) for span in spans]} for text, spans in found])
        return
    rows = [
        [span.kind, span.rule, span.said, span.sentence]
        for _, spans in found
        for span in spans
    ]  # fmt: skip
    if rows:
        show.table("What the rules find", ("kind", "rule", "words", "sentence"), rows)
    nothing = sum(not spans for _, spans in found)
    if nothing:
        show.line(f"Nothing was found in {nothing:,} of {len(found):,} texts." if len(found) > 1 else "Nothing.")


def _compare(keepline: Keepline, reader: EvidenceReader, days: int, as_of: datetime | None) -> Comparison:
    until = keepline.moment(as_of)
    with show.progress() as report:
        return compared(
            keepline.store, keepline.rulebook.evidence(), reader, until - timedelta(days=days), until, report
        )


def _print_examples(reader: EvidenceReader, broken: Sequence[BrokenExample]) -> None:
    examples, counterexamples = count_examples(reader)
    if not broken:
        show.line(f"All {examples:,} examples are found, and nothing in {counterexamples:,} counterexamples.", "green")
        return
    rows = [
        [each.rule, "nothing" if not each.found else ", ".join(f"{span.rule}: {span.said}" for span in each.found),
         each.sentence]
        for each in broken
    ]  # fmt: skip
    show.table(f"{len(broken):,} of {examples + counterexamples:,} examples break", ("rule", "found", "sentence"), rows)


def _print_comparison(comparison: Comparison, reader: EvidenceReader, days: int) -> None:
    if not comparison.read:
        show.line(f"No message of a customer is stored of these {days} days, so nothing could be compared.")
        return
    kinds = sorted(reader.document.kinds)
    rows = [
        [kind, f"{comparison.before[kind]:,}", f"{comparison.after[kind]:,}"]
        for kind in kinds
        if comparison.before[kind] or comparison.after[kind]
    ]
    title = f"Messages with evidence among {comparison.read:,} of {days} days"
    show.table(title, ("kind", "in force", "changed"), rows, numbers=("in force", "changed"))
    _print_moved("Found by the changed rules alone", comparison.gained)
    _print_moved("Found by the rules in force alone", comparison.lost)


def _print_moved(title: str, moved: Sequence[Moved]) -> None:
    rows = [[each.ticket, each.kind, each.rule, each.said, each.sentence] for each in moved[:_SHOWN]]
    if rows:
        show.table(title, ("ticket", "kind", "rule", "words", "sentence"), rows)
    else:
        show.line(f"{title}: nothing.")


def _plain(reader: EvidenceReader, broken: Sequence[BrokenExample], comparison: Comparison | None) -> dict[str, Any]:
    examples, counterexamples = count_examples(reader)
    content: dict[str, Any] = {
        "reader": reader.reader,
        "examples": examples,
        "counterexamples": counterexamples,
        "broken": [each._asdict() | {"found": [vars(span) for span in each.found]} for each in broken],
    }
    if comparison is not None:
        content |= {
            "read": comparison.read,
            "before": dict(comparison.before),
            "after": dict(comparison.after),
            "gained": [each._asdict() for each in comparison.gained],
            "lost": [each._asdict() for each in comparison.lost],
        }
    return content
