"""Knows what matters in a thread, and says it in the words in which it was written."""

from rules.text.summaries.gist import TicketFacts, gist
from rules.text.summaries.matters import Matter, Thread, matters
from rules.text.summaries.quoted import Quoted, Summary
from rules.text.summaries.summing import MOST_SENTENCES, summarise, summary

__all__ = [
    "MOST_SENTENCES",
    "Matter",
    "Quoted",
    "Summary",
    "Thread",
    "TicketFacts",
    "gist",
    "matters",
    "summarise",
    "summary",
]
