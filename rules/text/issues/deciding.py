"""Knows what becomes of placings when persons merge, split and move: what they said stays in force until withdrawn."""

from collections.abc import Mapping, Sequence

from domain.reading import IssueDecision


def decided(placed: Mapping[str, str], decisions: Sequence[IssueDecision]) -> dict[str, str]:
    """The tickets that stand elsewhere than where they were placed: the ticket's ref and its issue.

    `placed` has the issue of each ticket by its ref (`source:external id`); decisions are followed in their order. What
    was placed in an issue that a withdrawn split had opened goes back to where it was split off.
    """
    stands = dict(placed)
    for decision in decisions:
        if decision.withdrawn_at is None:
            stands |= _followed(stands, decision)
        elif decision.answer == "split":
            stands |= {ref: decision.issue_id for ref, issue in stands.items() if issue == decision.other_issue_id}
    return {ref: issue for ref, issue in stands.items() if issue != placed[ref]}


def _followed(stands: Mapping[str, str], decision: IssueDecision) -> dict[str, str]:
    kept = decision.issue_id
    if decision.answer == "merge":
        return {ref: kept for ref, issue in stands.items() if issue == decision.other_issue_id}
    named = [ref for ref in decision.ticket_refs if ref in stands]
    if decision.answer == "split" and decision.other_issue_id:
        return dict.fromkeys(named, decision.other_issue_id)
    return dict.fromkeys(named, kept) if decision.answer == "move" else {}
