"""Knows what the rows of Salesforce mean: accounts, and the opportunities or contracts that are agreements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.addresses import website_host
from connectors.contract import Found
from connectors.raw import Raw, Unreadable
from connectors.vendors.salesforce.fields import Columns
from connectors.vendors.salesforce.soql import flat
from domain.accounts import Account, AccountIdentity
from domain.parties import Party
from domain.revenue import Contract

ACCOUNT_FIELDS = {
    "name": "Name", "parent": "ParentId", "website": "Website", "country": "BillingCountry", "city": "BillingCity",
    "phone": "Phone", "industry": "Industry", "region": "BillingCountry", "csm": "Owner.Name",
}  # fmt: skip
MERGED_FIELDS = {"name": "Name", "master": "MasterRecordId"}


@dataclass(frozen=True)
class Agreement:
    """An object whose rows may be agreements: which of its fields are read, and which rows count.

    `counts` is the field that says so and the words that mean yes; `only` says the same in a query.
    """

    object: str
    fields: Mapping[str, str]
    counts: tuple[str, frozenset[str]]
    only: str


OPPORTUNITIES = Agreement(
    "Opportunity",
    {
        "account": "AccountId", "counts": "IsWon", "deleted": "IsDeleted", "currency": "CurrencyIsoCode",
        "arr_cents": "Amount", "starts_on": "CloseDate",
    },
    ("IsWon", frozenset({"true"})),
    "IsWon = true",
)  # fmt: skip
CONTRACTS = Agreement(
    "Contract",
    {
        "account": "AccountId", "counts": "StatusCode", "deleted": "IsDeleted", "currency": "CurrencyIsoCode",
        "starts_on": "StartDate", "renews_on": "EndDate",
    },
    ("StatusCode", frozenset({"activated", "expired", "terminated"})),
    "StatusCode IN ('Activated', 'Expired', 'Terminated')",
)  # fmt: skip
AGREEMENTS = {"opportunities": OPPORTUNITIES, "contracts": CONTRACTS}


def account(source: str, columns: Columns, row: Raw) -> Iterator[Found]:
    """An account, and the party that it is in linking."""
    raw = _flattened(row)
    changed_at, host = raw.must_moment("SystemModstamp"), website_host(raw.text(columns["website"]))
    domains = (host,) if host else ()
    name, shared = raw.text(columns["name"]) or f"Account {raw.id('Id')}", raw.text(columns["known_as"])
    yield Found(
        Account(
            source=source,
            external_id=raw.id("Id"),
            name=name,
            domains=domains,
            segment=raw.text(columns["segment"]),
            industry=raw.text(columns["industry"]),
            region=raw.text(columns["region"]),
            csm=raw.text(columns["csm"]),
            parent_ref=raw.ref(columns["parent"]),
            signed_up_on=raw.day(columns["signed_up_on"]),
        ),
        changed_at,
    )
    yield Found(
        Party(
            source=source,
            external_id=raw.id("Id"),
            role="crm",
            name=name,
            domains=domains,
            known_as=(shared,) if shared else (),
            parent_ref=raw.ref(columns["parent"]),
            country=raw.text(columns["country"]),
            city=raw.text(columns["city"]),
            phone=raw.text(columns["phone"]),
        ),
        changed_at,
    )


def merged_away(source: str, columns: Columns, row: Raw) -> Iterator[Found]:
    """A deleted account that lives on in another: whoever knows its id is led there."""
    raw = _flattened(row)
    master, changed_at = raw.ref(columns["master"]), raw.must_moment("SystemModstamp")
    if master is None:
        return
    name = raw.text(columns["name"]) or f"Account {raw.id('Id')}"
    gone = Party(source=source, external_id=raw.id("Id"), role="crm", name=name, merged_into=master)
    yield Found(gone, changed_at)
    yield Found(AccountIdentity(source=source, external_id=raw.id("Id"), account_ref=master), changed_at)


def is_agreed(agreement: Agreement, row: Mapping[str, object]) -> bool:
    """Whether a row is an agreement now: won, or activated, and not deleted."""
    name, words = agreement.counts
    return str(row.get(name)).lower() in words and row.get("IsDeleted") is not True


def contract(source: str, columns: Columns, currency: str, row: Raw) -> Iterator[Found]:
    """An agreement."""
    raw = _flattened(row)
    account_ref, charged = raw.ref(columns["account"]), (raw.text(columns["currency"]) or currency).upper()
    if account_ref is None:
        raise Unreadable("AccountId", None, "an account; choose the one that it belongs to in Salesforce")
    arr_cents = raw.cents(columns["arr_cents"], charged)
    if arr_cents is None:
        raise Unreadable(
            columns["arr_cents"] or "Amount", None, "an amount; fill it in, or map contract.arr_cents to another field"
        )
    starts_on = raw.day(columns["starts_on"])
    if starts_on is None:
        raise Unreadable(columns["starts_on"] or "starts_on", None, "a date")
    fact = Contract(
        source=source,
        external_id=raw.id("Id"),
        account_ref=account_ref,
        starts_on=starts_on,
        renews_on=raw.day(columns["renews_on"]),
        notice_on=raw.day(columns["notice_on"]),
        ends_on=raw.day(columns["ends_on"]),
        arr_cents=arr_cents,
        currency=charged,
        product_lines=tuple(each.strip() for each in (raw.text(columns["product_lines"]) or "").split(";") if each),
        auto_renew=raw.flag(columns["auto_renew"]),
    )
    yield Found(fact, raw.must_moment("SystemModstamp"))


def _flattened(row: Raw) -> Raw:
    return Raw(flat(row.fields), row.at, row.remarks)
