"""What a HubSpot account holds: objects with their histories and associations, and what its search knows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from keepline.proving.loopback import Facts, FakeSite, Reply, SiteClock

CLIENT, CLIENT_SECRET, OWNER = "app-4711", "hs-client-secret", "71"
_INDEX_LAG = timedelta(seconds=20)
_STAGES = ("1", "2", "3", "4")
_OURS = {"1": "new", "2": "pending", "3": "open", "4": "closed", "orbit": "open"}
# The numbers of the relations: primary and unlabelled.
_PRIMARY = {("deals", "companies"): 5, ("tickets", "companies"): 26}


@dataclass
class Thing:
    """One object. `seen` is what the search's index learned of it, and when."""

    id: str
    properties: dict[str, str | None]
    created: datetime
    changed: datetime
    archived: datetime | None = None
    history: dict[str, list[tuple[datetime, str | None]]] = field(default_factory=dict)
    seen: list[tuple[datetime, dict[str, str | None], bool]] = field(default_factory=list)


class HubSpotAccount(FakeSite):
    """The state; how it answers is `HubSpotSite`'s."""

    vendor = "hubspot"
    specifications = ("hubspot/hubspot-crm-min.json",)
    settable: ClassVar[Mapping[str, str]] = {"tier": "enterprise"}
    tokens_expire = True

    @staticmethod
    def limit_reply(seconds: float | None) -> Reply:
        """Usually without a time to wait: the name of the limit says it."""
        daily = seconds is not None and seconds >= 3600
        said = {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY" if daily else "SECONDLY"}
        return Reply(said, 429, {"Retry-After": str(int(seconds))} if seconds and not daily else {})

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        kinds = ("companies", "deals", "tickets", "contacts", "notes", "emails", "tasks")
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in kinds}
        self.links: list[tuple[str, str, str, str, int]] = []
        self.token, self._tokens = "pat-token-1", 1
        self.searched: list[datetime] = []
        self.turned_away = 0
        self.hidden: set[str] = set()
        self._next, self._order = 1000, list[tuple[str, str, str]]()

    def settings(self) -> Mapping[str, str]:
        return {"address": self.url, "client_id": CLIENT}

    def secrets(self) -> Mapping[str, str]:
        return {"access_token": self.token, "client_secret": CLIENT_SECRET, "refresh_token": "refresh-1"}

    def expire_token(self) -> None:
        self._tokens += 1
        self.token = f"pat-token-{self._tokens}"

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self._add(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        # Before the newest change that a walk has seen, or no walk could miss it.
        newest = max(thing.changed for things in self.things.values() for thing in things.values())
        self._add(newest - timedelta(seconds=5), indexed=self.clock.now())

    def add_broken(self) -> str:
        at = self.clock.pass_by(seconds=7)
        company = self.make("companies", at, name="Hazy Ltd", domain="hazy.example")
        ticket = self.make("tickets", at, subject="Odd", hs_pipeline_stage="1", createdate="the day before yesterday")
        self.link("tickets", ticket.id, "companies", company.id)
        return ticket.id

    def change(self, nth: int) -> None:
        company, deal, ticket = self._order[nth]
        at = self.clock.pass_by(seconds=7)
        stage = self.things["tickets"][ticket].properties["hs_pipeline_stage"]
        after = _STAGES[(_STAGES.index(stage) + 1) % len(_STAGES)] if stage in _STAGES else "1"
        self.update("companies", company, at, name=f"{self.things['companies'][company].properties['name']} AG")
        self.update("deals", deal, at, amount=f"{float(self.things['deals'][deal].properties['amount'] or 0) + 10}")
        self.update("tickets", ticket, at, hs_pipeline_stage=after)

    def delete(self, nth: int) -> None:
        at = self.clock.pass_by(seconds=7)
        for kind, key in zip(("companies", "deals", "tickets"), self._order[nth], strict=True):
            self.archive(kind, key, at)

    def archive(self, kind: str, key: str, at: datetime) -> None:
        """Delete an object: it leaves the lists at once, the search later."""
        thing = self.things[kind][key]
        thing.archived = at
        self._index(thing, None)

    def facts(self) -> Facts:
        live = {
            kind: {key: each for key, each in all_.items() if not each.archived} for kind, all_ in self.things.items()
        }
        companies = {key: each.properties for key, each in live["companies"].items()}
        deals = {key: each.properties for key, each in live["deals"].items()}
        tickets = {key: each for key, each in live["tickets"].items() if "T" in (each.properties["createdate"] or "T")}
        said = [(key, "note", each) for key, each in live["notes"].items()]
        said += [(key, "email", each) for key, each in live["emails"].items()]
        messages: dict[str, dict[str, Any]] = {}
        for key, what, each in said:
            for ticket in self._linked(f"{what}s", key, "tickets"):
                if ticket in tickets:
                    text = each.properties["hs_note_body" if what == "note" else "hs_email_text"]
                    messages[f"{key}:{what}"] = {"ticket_ref": ticket, "text": text, "public": what == "email"}
        return {
            "account": {key: {"name": each["name"], "domains": [each["domain"]]} for key, each in companies.items()},
            "account_identity": {key: {} for key in companies},
            "party": {key: {"name": each["name"], "role": "crm"} for key, each in companies.items()},
            "contract": {
                key: {
                    "arr_cents": round(float(each["amount"] or 0) * 100),
                    "account_ref": self._linked("deals", key, "companies")[0],
                }
                for key, each in deals.items()
                if each["dealstage"] == "closedwon"
            },
            "ticket": {
                key: {
                    "subject": each.properties["subject"],
                    "status": _OURS[each.properties["hs_pipeline_stage"] or ""],
                    "account_ref": self._linked("tickets", key, "companies")[0],
                    "team": "Support",
                }
                for key, each in tickets.items()
            },
            "message": messages | {
                f"{key}:content": {"ticket_ref": key, "text": each.properties["content"], "author_kind": "customer"}
                for key, each in tickets.items()
            },
            "ticket_event": {
                f"{key}:status:{at:%Y%m%d%H%M%S%f}": {"ticket_ref": key, "to_value": _OURS[stage or ""]}
                for key, each in tickets.items()
                for at, stage in each.history["hs_pipeline_stage"]
            } | {
                f"{key}:priority:{at:%Y%m%d%H%M%S%f}": {"ticket_ref": key}
                for key, each in tickets.items()
                for at, _ in each.history["hs_ticket_priority"]
                if at > each.created
            } | {
                f"{key}:assignee:{at:%Y%m%d%H%M%S%f}": {"to_value": "grace@acme.example"}
                for key, each in tickets.items()
                for at, _ in each.history["hubspot_owner_id"]
            },
        }  # fmt: skip

    def make(self, kind: str, at: datetime, *, indexed: datetime | None = None, **properties: str | None) -> Thing:
        """Create an object as of `at`."""
        self._next += 1
        thing = Thing(str(self._next), {"createdate": iso(at)}, at, at)
        self.things[kind][thing.id] = thing
        self.update(kind, thing.id, at, indexed=indexed, **properties)
        return thing

    def update(
        self, kind: str, key: str, at: datetime, *, indexed: datetime | None = None, **properties: str | None
    ) -> None:
        """Set properties of an object as of `at`; the search knows it a while later."""
        thing = self.things[kind][key]
        for name, value in properties.items():
            thing.history.setdefault(name, []).append((at, value))
        thing.properties |= properties
        thing.changed = at
        thing.properties |= {"hs_object_id": key, "hs_lastmodifieddate": iso(at)}
        self._index(thing, indexed)

    def link(self, of: str, key: str, to: str, other: str, relation: int | None = None) -> None:
        """Associate two objects."""
        self.links.append((of, key, to, other, relation or _PRIMARY.get((of, to), 1)))
        self.links.append((to, other, of, key, 2))

    def unlink(self, of: str, key: str, to: str) -> None:
        """Take the associations of an object with others of a kind away."""
        self.links = [
            each for each in self.links
            if each[:3] != (of, key, to) and (each[2], each[3], each[0]) != (of, key, to)
        ]  # fmt: skip

    def merge(self, winner: str, loser: str) -> None:
        """Merge two companies: what is on the one moves to the other without being changed."""
        at = self.clock.pass_by(seconds=7)
        for of, key, to, other, relation in list(self.links):
            if (to, other) == ("companies", loser):
                self.unlink(of, key, "companies")
                self.link(of, key, "companies", winner, relation)
        had = self.things["companies"][winner].properties.get("hs_merged_object_ids")
        self.things["companies"].pop(loser)
        self.update("companies", winner, at, hs_merged_object_ids=";".join(each for each in (had, loser) if each))

    def a_company(self, **properties: Any) -> Thing:
        """A company that is made just now."""
        said = {"name": "Acme", "domain": "acme.example", **properties}
        return self.make("companies", self.clock.pass_by(seconds=7), **said)

    def a_deal(self, company: Thing | None, **properties: Any) -> Thing:
        """A deal that was won."""
        won = {"dealstage": "closedwon", "hs_is_closed_won": "true", "closedate": "2026-02-01T00:00:00Z"}
        deal = self.make("deals", self.clock.pass_by(seconds=7), **{**won, "amount": "500", **properties})
        if company:
            self.link("deals", deal.id, "companies", company.id)
        return deal

    def a_ticket(self, company: Thing | None = None, **properties: Any) -> Thing:
        """A new ticket."""
        new = {"subject": "Export fails", "content": "It fails.", "hs_pipeline_stage": "1", "hs_ticket_priority": "LOW"}
        ticket = self.make("tickets", self.clock.pass_by(seconds=7), **{**new, **properties})
        if company:
            self.link("tickets", ticket.id, "companies", company.id)
        return ticket

    def _add(self, at: datetime, indexed: datetime | None = None) -> None:
        number = self._next + 1
        named = {"name": f"Customer {number}", "domain": f"customer{number}.example"}
        company = self.make("companies", at, indexed=indexed, **named, hubspot_owner_id=OWNER)
        deal = self.make(
            "deals", at, indexed=indexed, dealstage="closedwon", hs_is_closed_won="true", amount="1200.50",
            deal_currency_code="USD", closedate=iso(at), hs_arr=None,
        )  # fmt: skip
        stage, priority = ("orbit", "FROZEN") if self.speaks_oddly else ("1", "MEDIUM")
        ticket = self.make(
            "tickets", at, indexed=indexed, subject=f"Export no. {number} fails", content="It fails.",
            source_type="FORM", hs_pipeline="0", hs_pipeline_stage=stage, hs_ticket_priority=priority,
            hubspot_owner_id=OWNER,
        )  # fmt: skip
        note = self.make("notes", at, indexed=indexed, hs_note_body="Looking.", hs_timestamp=iso(at))
        mail = self.make(
            "emails", at, indexed=indexed, hs_email_text="Please send the log.", hs_email_direction="EMAIL",
            hs_timestamp=iso(at),
        )  # fmt: skip
        self.make("notes", at, indexed=indexed, hs_note_body="About nobody's ticket.", hs_timestamp=iso(at))
        self.link("deals", deal.id, "companies", company.id)
        self.link("tickets", ticket.id, "companies", company.id)
        self.link("notes", note.id, "tickets", ticket.id)
        self.link("emails", mail.id, "tickets", ticket.id)
        self._order.append((company.id, deal.id, ticket.id))

    def _index(self, thing: Thing, at: datetime | None) -> None:
        seen_at = at or self.clock.now() + _INDEX_LAG
        thing.seen.append((seen_at, dict(thing.properties), thing.archived is not None))

    def _linked(self, of: str, key: str, to: str) -> list[str]:
        return [other for from_, one, kind, other, _ in self.links if (from_, one, kind) == (of, key, to)]


def iso(moment: datetime) -> str:
    """A moment in HubSpot's words, to the millisecond."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
