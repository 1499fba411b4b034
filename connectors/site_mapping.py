"""Knows what a user says about a site: which field holds the renewal date or the ARR, which table gives the tickets."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from connectors.mapping import Defaults, TableRule


class SiteMapping(BaseModel):
    """One connection's mapping: Keepline's name of a field to the site's, or the tables of a warehouse."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: Mapping[str, str] = Field(
        default_factory=dict, description="Keepline's field, such as contract.renews_on, to the field of the site."
    )
    tables: tuple[TableRule, ...] = Field(default=(), description="Of a warehouse: which table gives which record.")
    defaults: Defaults = Field(default=Defaults(), description="Of a warehouse: what holds for all its tables.")


class ConnectorsDocument(BaseModel):
    """`connectors.yaml`: what there is to say about each connection, by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connections: Mapping[str, SiteMapping] = Field(default_factory=dict, description="Mappings by connection name.")
