"""Knows what companies and deals mean: a company is an account, a deal that was won is a contract."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from connectors.contract import Found, Gone
from connectors.raw import Raw, Unreadable
from connectors.vendors.hubspot.brought import Brought, company_of, ids_of, listed, merges
from connectors.vendors.hubspot.naming import Naming
from connectors.vendors.hubspot.portal import Portal
from connectors.vendors.hubspot.walking import changed_at
from domain.accounts import Account, AccountIdentity
from domain.parties import Party, PartyRole
from domain.revenue import Contract

# The first that is there and not zero: what recurs of the line items, otherwise what was entered.
_AMOUNTS = ("hs_arr", "amount")


class Companies:
    """Makes accounts and parties of companies; parties alone where another system keeps the accounts."""

    properties = (
        "name", "domain", "hs_additional_domains", "industry", "country", "city", "phone", "hs_parent_company_id",
        "hubspot_owner_id",
    )  # fmt: skip
    mapped = "account."

    def __init__(self, portal: Portal, naming: Naming, role: PartyRole) -> None:
        self._source, self._fields = portal.site.name, portal.site.fields
        self._naming, self._role = naming, role

    def read(self, rows: list[Any]) -> Brought:
        """The records of some companies."""
        brought = Brought()
        brought.reading.each("account" if self._role == "crm" else "party", rows, self._company)
        for winner, loser in merges(rows):
            changed, key = changed_at(winner), winner.id()
            name = winner.must_object("properties").text("name") or key
            # Whatever still names the merged company means the one that it was merged into.
            party = Party(source=self._source, external_id=loser, role=self._role, name=name, merged_into=key)
            brought.reading.found.append(Found(party, changed))
            if self._role == "crm":
                alias = AccountIdentity(source=self._source, external_id=loser, account_ref=key)
                brought.reading.found.append(Found(alias, changed))
                brought.gone.append(Gone("account", loser, changed))
        return brought

    def _company(self, raw: Raw) -> Iterator[Found]:
        said, changed, key = raw.must_object("properties"), changed_at(raw), raw.id()
        domains = tuple(dict.fromkeys((*listed(said, "domain"), *listed(said, "hs_additional_domains"))))
        name = said.text("name") or next(iter(domains), f"Company {key}")
        known_as = self._own(said, "known_as")
        party = Party(
            source=self._source,
            external_id=key,
            role=self._role,
            name=name,
            domains=domains,
            known_as=(known_as,) if known_as else (),
            parent_ref=said.ref("hs_parent_company_id"),
            country=said.text("country"),
            city=said.text("city"),
            phone=said.text("phone"),
        )
        if self._role == "crm":
            yield Found(self._account(said, key, name, domains), changed)
        yield Found(party, changed)

    def _account(self, said: Raw, key: str, name: str, domains: tuple[str, ...]) -> Account:
        signed_up_on = self._fields.get("account.signed_up_on")
        return Account(
            source=self._source,
            external_id=key,
            name=name,
            domains=domains,
            segment=self._own(said, "segment"),
            industry=self._own(said, "industry", "industry"),
            region=self._own(said, "region", "country"),
            csm=self._naming.owner(self._own(said, "csm", "hubspot_owner_id")),
            parent_ref=said.ref("hs_parent_company_id"),
            signed_up_on=said.day(signed_up_on) if signed_up_on else None,
        )

    def _own(self, said: Raw, name: str, standard: str | None = None) -> str | None:
        asked = self._fields.get(f"account.{name}", standard)
        return said.text(asked) if asked else None


class Deals:
    """Makes contracts of deals that are won; a deal that is not, or not any more, is none."""

    properties = ("dealstage", "hs_is_closed_won", *_AMOUNTS, "deal_currency_code", "closedate", "createdate")
    mapped = "contract."

    def __init__(self, portal: Portal, naming: Naming) -> None:
        self._portal, self._naming = portal, naming
        self._source, self._fields = portal.site.name, portal.site.fields

    def read(self, rows: list[Any]) -> Brought:
        """The records of some deals."""
        brought = Brought()
        companies = self._portal.associated("deals", "companies", ids_of(rows))
        brought.reading.each("contract", rows, partial(self._deal, companies, brought.gone))
        brought.gone += (Gone("contract", loser, changed_at(winner)) for winner, loser in merges(rows))
        return brought

    def _deal(self, companies: Mapping[str, list[Raw]], gone: list[Gone], raw: Raw) -> Iterator[Found]:
        said, changed, key = raw.must_object("properties"), changed_at(raw), raw.id()
        won = said.flag("hs_is_closed_won")
        if not (self._naming.is_won(said.text("dealstage")) if won is None else won):
            gone.append(Gone("contract", key, changed))
            return
        company = company_of(companies, key)
        if company is None:
            raise Unreadable("company", None, "a company; associate the deal with one in HubSpot")
        currency = said.text("deal_currency_code") or self._naming.currency
        starts_on = self._day(said, "starts_on") or said.day("closedate") or said.day("createdate")
        if starts_on is None:
            raise Unreadable("closedate", None, "a date")
        auto_renew, product_lines = self._fields.get("contract.auto_renew"), self._fields.get("contract.product_lines")
        contract = Contract(
            source=self._source,
            external_id=key,
            account_ref=company,
            starts_on=starts_on,
            renews_on=self._day(said, "renews_on"),
            notice_on=self._day(said, "notice_on"),
            ends_on=self._day(said, "ends_on"),
            arr_cents=self._arr_cents(said, currency),
            currency=currency,
            product_lines=listed(said, product_lines) if product_lines else (),
            auto_renew=said.flag(auto_renew) if auto_renew else None,
        )
        yield Found(contract, changed)

    def _day(self, said: Raw, name: str) -> date | None:
        asked = self._fields.get(f"contract.{name}")
        return said.day(asked) if asked else None

    def _arr_cents(self, said: Raw, currency: str) -> int:
        mapped = self._fields.get("contract.arr_cents")
        names = (mapped,) if mapped else _AMOUNTS
        amounts = [cents for name in names if (cents := said.cents(name, currency)) is not None]
        if not amounts:
            raise Unreadable(names[-1], None, "an amount; enter it in HubSpot, or map contract.arr_cents")
        return next((each for each in amounts if each), 0)
