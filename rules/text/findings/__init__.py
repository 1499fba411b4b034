"""Knows the places of a text that matter to an account's future: asking to leave, a competitor, praise and others."""

from rules.text.findings.document import CHURN, EvidenceDocument, EvidenceRule, Kind, extended
from rules.text.findings.reading import EvidenceReader, Span, churn_spans, evidence, shipped_content, shipped_reader

__all__ = [
    "CHURN", "EvidenceDocument", "EvidenceReader", "EvidenceRule", "Kind", "Span", "churn_spans", "evidence",
    "extended", "shipped_content", "shipped_reader",
]  # fmt: skip
