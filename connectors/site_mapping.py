"""Knows what a user says about a site's fields: which custom field holds the renewal date, the ARR, the segment."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class SiteMapping(BaseModel):
    """One connection's mapping: Keepline's name of a field to the site's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: Mapping[str, str] = Field(
        default_factory=dict, description="Keepline's field, such as contract.renews_on, to the field of the site."
    )


class ConnectorsDocument(BaseModel):
    """`connectors.yaml`: what there is to say about each connection, by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connections: Mapping[str, SiteMapping] = Field(default_factory=dict, description="Mappings by connection name.")
