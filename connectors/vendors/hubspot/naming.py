"""Knows what stands behind HubSpot's ids: pipelines and their stages, the owners of records and their teams."""

from collections.abc import Iterable
from functools import cached_property

from connectors.raw import Raw
from connectors.vendors.hubspot.portal import Portal

# What the stages of the pipeline that every account starts with are called; a stage that waits for the customer stops
# the clock. Stages of other names are open until HubSpot says that they are closed.
_STATUS = {"new": "new", "waiting on contact": "pending", "waiting on customer": "pending", "on hold": "on_hold"}


class Naming:
    """The names of one account, asked for once and when they are needed."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def is_won(self, stage: str | None) -> bool:
        """Whether a deal in this stage is won: it is closed, and with certainty."""
        found = self._deal_stages.get(stage or "")
        return found is not None and found.flag("isClosed") is True and found.number("probability") == 1

    def status(self, said: Raw) -> str | None:
        """A ticket's status, by the stage that its properties say."""
        return said.choice("hs_pipeline_stage", self._ticket_stages, "open")

    def status_of(self, stage: str) -> str:
        """The status that a stage of a ticket stands for."""
        return self._ticket_stages.get(stage.lower(), "open")

    def owner(self, owner_id: str | None) -> str | None:
        """The e-mail address of an owner, or the name; the id of one who is not known any more."""
        return self._owners.get(owner_id, owner_id) if owner_id else None

    def team(self, said: Raw) -> str | None:
        """Whose work a ticket is: the owner's team, by its name where an owner is in it, otherwise the pipeline."""
        team, pipeline = said.text("hubspot_team_id"), said.text("hs_pipeline")
        if team:
            return self._teams.get(team, team)
        return self._pipeline_labels.get(pipeline, pipeline) if pipeline else None

    @cached_property
    def currency(self) -> str:
        """What amounts are in that name no currency."""
        return self._portal.account().must_text("companyCurrency")

    @cached_property
    def _deal_stages(self) -> dict[str, Raw]:
        stages = _stages(self._portal.listed("/crm/v3/pipelines/deals"))
        return {stage.id(): stage.must_object("metadata") for stage in stages}

    @cached_property
    def _ticket_pipelines(self) -> list[Raw]:
        return list(self._portal.listed("/crm/v3/pipelines/tickets"))

    @cached_property
    def _pipeline_labels(self) -> dict[str, str]:
        return {each.id(): each.text("label") or each.id() for each in self._ticket_pipelines}

    @cached_property
    def _ticket_stages(self) -> dict[str, str]:
        found = {stage.id().lower(): _status(stage) for stage in _stages(self._ticket_pipelines)}
        for status in ("pending", "on_hold"):
            said = self._portal.site.fields.get(f"ticket.{status}_stages", "")
            found |= {stage.strip().lower(): status for stage in said.split(",") if stage.strip()}
        return found

    @cached_property
    def _people(self) -> list[Raw]:
        # Who has left still stands in the history.
        asked = (self._portal.listed("/crm/v3/owners/", archived=archived) for archived in ("true", "false"))
        return [each for listed in asked for each in listed]

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {each.id(): _name(each) or each.id() for each in self._people}

    @cached_property
    def _teams(self) -> dict[str, str]:
        teams = (team for each in self._people for team in each.objects("teams"))
        return {team.id(): team.text("name") or team.id() for team in teams}


def _stages(pipelines: Iterable[Raw]) -> list[Raw]:
    return [stage for pipeline in pipelines for stage in pipeline.objects("stages")]


def _status(stage: Raw) -> str:
    metadata = stage.object("metadata")
    if metadata and (metadata.text("ticketState") or "").upper() == "CLOSED":
        return "closed"
    return _STATUS.get((stage.text("label") or "").lower(), "open")


def _name(owner: Raw) -> str | None:
    parts = (owner.text("firstName"), owner.text("lastName"))
    return owner.text("email") or " ".join(each for each in parts if each) or None
