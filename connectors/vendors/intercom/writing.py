"""Knows how an Intercom conversation is changed without undoing what a teammate has just done."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange, Written
from connectors.http import Http
from connectors.raw import Raw
from connectors.writing import Writer, bears_mark, marked, nothing_sent

_NO_PRIORITY = "Intercom's API cannot set the priority of a conversation"


@dataclass(frozen=True)
class ConversationWriter(Writer[TicketChange]):
    """Writes to the conversations of one workspace."""

    already = "the conversation has all of it"

    http: Http

    def write(self, change: TicketChange) -> Written:
        requests, because = self.planned(change)
        if not requests:
            return nothing_sent(because, self.already)
        new_tags: dict[str, str] = {}
        for each in requests:
            body = each.body
            if body.get("id") in new_tags:
                body = {**body, "id": new_tags[body["id"]]}
            # A tag of that name, an attribute's value and a tag on a conversation are the same however often sent.
            answer = self.http.write(each.method, each.path, body, repeatable=not each.path.endswith("/reply"))
            if each.path == "/tags":
                new_tags[_id_of(body["name"])] = Raw.of(answer.json).id()
        return Written("done", f"written; {because}" if because else "written", tuple(requests))

    def planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        """What is to be sent, and what cannot be."""
        path = f"/conversations/{change.ticket_ref}"
        conversation = Raw.of(self.http.get(path).json)
        fields = _fields(change, conversation)
        if newer := _newer_change(change, conversation, set(fields)):
            return [], newer
        requests = [OutgoingRequest("PUT", path, {"custom_attributes": fields})] if fields else []
        tags = _missing_tags(change, conversation)
        has_note = not change.note or _has_note(change, conversation)
        if tags or not has_note:
            admin = Raw.of(self.http.get("/me").json).id()
            requests += self._tagging(path, tags, admin)
            if change.note and not has_note:
                text = escape(marked(change.note, change.key), quote=False).replace("\n", "<br>")
                note = {"message_type": "note", "type": "admin", "admin_id": admin, "body": text}
                requests.append(OutgoingRequest("POST", f"{path}/reply", note))
        wants_priority = change.priority in {"high", "urgent"} and conversation.text("priority") != "priority"
        return requests, _NO_PRIORITY if wants_priority else ""

    def _tagging(self, path: str, tags: Sequence[str], admin: str) -> list[OutgoingRequest]:
        if not tags:
            return []
        known = {
            (tag.text("name") or "").casefold(): tag.id() for tag in Raw.of(self.http.get("/tags").json).objects("data")
        }
        requests = []
        for tag in tags:
            if tag.casefold() not in known:
                requests.append(OutgoingRequest("POST", "/tags", {"name": tag}))
            body = {"id": known.get(tag.casefold(), _id_of(tag)), "admin_id": admin}
            requests.append(OutgoingRequest("POST", f"{path}/tags", body))
        return requests


def _id_of(tag: str) -> str:
    """What stands in a plan for the id of a tag that is yet to be made."""
    return f"(the id of the new tag {tag})"


def _fields(change: TicketChange, conversation: Raw) -> dict[str, Any]:
    own = conversation.object("custom_attributes") or Raw.of({})
    return {name: value for name, value in change.fields.items() if own.text(name) != value}


def _missing_tags(change: TicketChange, conversation: Raw) -> list[str]:
    tags = conversation.object("tags")
    there = {(tag.text("name") or "").casefold() for tag in tags.objects("tags")} if tags else set()
    return [tag for tag in change.add_tags if tag.casefold() not in there]


def _parts(conversation: Raw) -> list[Raw]:
    parts = conversation.object("conversation_parts")
    return parts.objects("conversation_parts") if parts else []


def _newer_change(change: TicketChange, conversation: Raw, names: set[str]) -> str:
    """Which of the attributes `names` somebody has set after `seen_at`; empty where nobody has."""
    for part in _parts(conversation) if names else ():
        details = part.object("event_details")
        attribute = details.object("attribute") if details else None
        name = attribute.text("name") if attribute else None
        if name in names and part.must_moment("created_at") > change.seen_at:
            return f"{name} was changed at {part.must_moment('created_at').isoformat()} in Intercom"
    return ""


def _has_note(change: TicketChange, conversation: Raw) -> bool:
    return any(bears_mark(part.text("body") or "", change.key) for part in _parts(conversation))
