"""Knows which fields of an org are read: those that Keepline looks for and the org shows, and those of the mapping."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from connectors.contract import SiteField
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.salesforce.soql import DATA, field_name
from domain.errors import ConnectorError

MAPPABLE = {
    "account.segment": "field of the account that holds its segment",
    "account.industry": "field of the account that holds its industry; otherwise Industry",
    "account.region": "field of the account that holds its region; otherwise BillingCountry",
    "account.csm": "field of the account that names its CSM, such as CSM__r.Name; otherwise the owner's name",
    "account.signed_up_on": "field of the account that says since when it is a customer",
    "account.known_as": "field of the account that holds its id in the helpdesk or billing system",
    "contract.arr_cents": "field that holds the yearly amount; otherwise an opportunity's Amount",
    "contract.starts_on": "field that holds the first day; otherwise CloseDate or StartDate",
    "contract.renews_on": "field that holds the renewal date; otherwise a contract's EndDate",
    "contract.notice_on": "field that holds the last day for giving notice",
    "contract.ends_on": "field that holds the last day in effect, where it was ended",
    "contract.auto_renew": "checkbox that says whether it renews by itself",
    "contract.product_lines": "picklist of what was bought",
}  # fmt: skip


@dataclass(frozen=True)
class Described:
    """An object of the org: its fields as far as we may see them, and its relations to others."""

    object: str
    fields: tuple[SiteField, ...]
    relations: frozenset[str]

    def has(self, path: str) -> bool:
        """Whether a field, or the relation at the head of a path, can be seen."""
        head, dot, _ = path.partition(".")
        return head in self.relations if dot else path in {each.name for each in self.fields}

    def require(self, key: str, path: str) -> str:
        """A mapped field, if it is one.

        Raises:
            ConnectorError: the org has no such field, or does not show it to us.
        """
        field_name(path)
        if self.has(path):
            return path
        known = sorted({each.name for each in self.fields} | {f"{each}.Name" for each in self.relations})
        near = get_close_matches(path, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "keepline connectors NAME --fields lists them"
        raise ConnectorError(f"{key} is mapped to {path}, which {self.object} does not have or show to us; {hint}")


def describe(http: Http, name: str) -> Described:
    """Ask the org what an object has."""
    answer = Raw.of(http.get(f"{DATA}/sobjects/{name}/describe").json)
    fields = answer.objects("fields")
    relations = (each.text("relationshipName") for each in fields)
    return Described(
        name,
        tuple(
            SiteField(name, each.must_text("name"), each.text("label") or "", each.text("type") or "")
            for each in fields
        ),
        frozenset(each for each in relations if each),
    )


@dataclass(frozen=True)
class Columns:
    """The field of an object for each of Keepline's, where there is one."""

    names: Mapping[str, str]

    @property
    def selected(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.names.values())))

    def __getitem__(self, ours: str) -> str:
        # An absent field is read like one that is empty in every row.
        return self.names.get(ours, "")


def columns(described: Described, kind: str, usual: Mapping[str, str], mapped: Mapping[str, str]) -> Columns:
    """The mapped fields of `kind`, and of the usual ones those that can be seen: one hidden field fails a query."""
    own = {
        key.removeprefix(f"{kind}."): described.require(key, path)
        for key, path in mapped.items()
        if key.startswith(f"{kind}.")
    }
    seen = {ours: path for ours, path in usual.items() if described.has(path)}
    return Columns(seen | own)
