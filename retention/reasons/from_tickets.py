"""Knows what tickets and their histories tell: slow or missing answers, reopenings, hand-offs, the same issue again."""

from functools import reduce
from operator import or_

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from retention.ledger import Frame
from retention.reasons.paths import Paths, evidence, hours

_SEPARATOR = "\x1f"
_REPLY_MARKS = r"^((re|fwd?|aw|wg|sv|vs|tr)\s*:\s*)+"
_NUMBERS = r"[#\d\s]+"
# Wider than any two moments in seconds lie apart, so that issues do not run into each other.
_APART = 1 << 40


def ticket_evidence(paths: Paths) -> list[Frame]:
    """Pieces of evidence of slow_reply, slow_resolution, unresolved, repeated_issue, reopened, hand_off, and topics."""
    moved = _changes(paths)
    return [
        _slow_replies(paths),
        _slow_resolutions(paths),
        _unresolved(paths),
        _escalated_and_open(paths),
        _repeated(paths),
        evidence(moved.filter(nw.col("kind") == "status"), "reopened", "happened_at"),
        evidence(moved.filter(nw.col("kind") != "status"), "hand_off", "happened_at"),
        _dropped(paths, moved),
        *_topics(paths),
    ]


def _slow_replies(paths: Paths) -> Frame:
    """A ticket that was resolved or whose path ended before a reply had waited until then."""
    waited_until = nw.min_horizontal("first_replied_at", "resolved_at", "ends_at")
    slow = waited_until - nw.col("created_at") > hours(paths.rules.slow_reply_hours)
    return evidence(paths.tickets.filter(slow), "slow_reply", "created_at")


def _slow_resolutions(paths: Paths) -> Frame:
    took = nw.min_horizontal("resolved_at", "ends_at") - nw.col("created_at")
    slow = paths.tickets.filter(took > hours(24 * paths.rules.slow_resolution_days))
    return evidence(slow, "slow_resolution", "created_at")


def _is_open_at_the_end() -> nw.Expr:
    return nw.col("resolved_at").is_null() | (nw.col("resolved_at") >= nw.col("ends_at"))


def _unresolved(paths: Paths) -> Frame:
    old = nw.col("ends_at") - nw.col("created_at") > hours(24 * paths.rules.unresolved_days)
    return evidence(paths.tickets.filter(_is_open_at_the_end(), old), "unresolved", "created_at")


def _escalated_and_open(paths: Paths) -> Frame:
    still = paths.tickets.filter(_is_open_at_the_end(), nw.col("escalated").fill_null(False))
    return evidence(still, "unhandled_escalation", "created_at")


def _changes(paths: Paths) -> Frame:
    """Reopenings (kind status) and changes of agent or team on the tickets of a path, before its end."""
    ours = paths.tickets.select("outcome_id", "ticket_id", "ref", "workflow", "resolved_at", "ends_at")
    found = paths.facts.changes.join(ours, on="ticket_id", how="inner")
    return found.filter(nw.col("happened_at") < nw.col("ends_at")).collect().lazy()


def _dropped(paths: Paths, moved: Frame) -> Frame:
    """A hand-off after which nobody wrote to the customer in time, and the ticket was not resolved either."""
    handed = moved.filter(nw.col("kind") != "status")
    answered = next_reply(paths, handed.select("outcome_id", "ticket_id", "happened_at"), "happened_at")
    handed = handed.join(answered, on=["outcome_id", "ticket_id", "happened_at"], how="left")
    done_at = nw.min_horizontal("replied_at", "resolved_at", "ends_at")
    dropped = done_at - nw.col("happened_at") > hours(paths.rules.dropped_hours)
    return evidence(handed.filter(dropped), "dropped_hand_off", "happened_at")


def next_reply(paths: Paths, waits: Frame, since: str) -> Frame:
    """`waits` (outcome_id, ticket_id, the moment `since`) with `replied_at`, the next public message of an agent."""
    messages = paths.facts.messages
    replies = messages.filter(nw.col("author_kind") == "agent", nw.col("public")).select("ticket_id", "sent_at")
    later = waits.join(replies, on="ticket_id", how="inner").filter(nw.col("sent_at") > nw.col(since))
    return later.group_by("outcome_id", "ticket_id", since).agg(nw.col("sent_at").min().alias("replied_at"))


def _repeated(paths: Paths) -> Frame:
    """The tickets of each run of one issue: `repeated_times` or more within `repeated_days`."""
    shown = ("outcome_id", "issue", "created_at", "ticket_id", "ref", "workflow")
    issues = _issues(paths).select(*shown).sort("outcome_id", "issue", "created_at", "ticket_id").collect()
    group = (issues["outcome_id"] + _SEPARATOR + issues["issue"]).to_numpy()
    seconds = issues["created_at"].dt.timestamp("ms").to_numpy() // 1000
    inside = in_runs(group, seconds, paths.rules.repeated_days * 86_400, paths.rules.repeated_times)
    mask = nw.new_series("inside", inside.tolist(), nw.Boolean, backend=issues.implementation)
    once = issues.filter(mask).unique(["outcome_id", "ticket_id"], keep="first", order_by=["issue"]).lazy()
    return evidence(once, "repeated_issue", "created_at", text=nw.col("issue"))


def in_runs(group: NDArray[np.object_], seconds: NDArray[np.int64], span: int, times: int) -> NDArray[np.bool_]:
    """Which rows lie in a window of `span` seconds with `times` rows of their group; sorted by group, then seconds."""
    if not len(group):
        return np.zeros(0, dtype=bool)
    number = np.concatenate([[0], np.cumsum(group[1:] != group[:-1])])
    place = number * _APART + seconds
    last = np.searchsorted(place, place + span, side="right")
    first = np.arange(len(place))
    starts_run = last - first >= times
    edges = np.zeros(len(place) + 1, dtype=np.int64)
    np.add.at(edges, first[starts_run], 1)
    np.add.at(edges, last[starts_run], -1)
    inside: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return inside


def issue_of_subject() -> nw.Expr:
    """A subject in lower case, without reply marks and numbers."""
    subject = nw.col("subject").str.to_lowercase().str.strip_chars()
    return subject.str.replace_all(_REPLY_MARKS, "").str.replace_all(_NUMBERS, " ").str.strip_chars()


def tags_of() -> nw.Expr:
    """The tags of a ticket as a list of lower-case words; they are kept as JSON text."""
    text = nw.col("tags").str.to_lowercase().str.strip_chars("[]").str.strip_chars('"')
    return text.str.replace_all(r'",\s*"', _SEPARATOR).str.split(_SEPARATOR)


def _tagged(paths: Paths) -> Frame:
    """The tickets of paths, a row for each tag that names an issue: `issue`."""
    split = paths.tickets.filter(nw.col("tags") != "[]").with_columns(issue=tags_of()).explode("issue")
    ignored = [tag.lower() for tag in paths.facts.ignored_tags]
    return split.filter(~nw.col("issue").is_in(ignored)) if ignored else split


def _issues(paths: Paths) -> Frame:
    """The tickets of paths, a row for each issue of theirs: the tags, or the subject where there is none."""
    tagged = _tagged(paths)
    plain = paths.tickets.join(tagged.select("outcome_id", "ticket_id"), on=["outcome_id", "ticket_id"], how="anti")
    by_subject = plain.with_columns(issue=issue_of_subject())
    names = by_subject.collect_schema().names()
    return nw.concat([tagged.select(*names), by_subject.select(*names)]).filter(nw.col("issue") != "")


def _topics(paths: Paths) -> list[Frame]:
    """For each reason the tickets about it, by workflow or tag."""
    tickets = paths.tickets.filter(nw.col("lost_cents") > 0)
    named = nw.col("workflow").str.to_lowercase()
    found = []
    for reason in paths.rules.reasons:
        if reason.topics:
            tags = [
                nw.col("tags").str.to_lowercase().str.contains(f'"{topic}"', literal=True) for topic in reason.topics
            ]
            about = reduce(or_, tags, named.is_in(list(reason.topics)))
            found.append(evidence(tickets.filter(about), "topic", "created_at", about=nw.lit(reason.id)))
    return found
