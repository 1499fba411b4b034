"""Knows what Pipedrive's objects mean: an organization is an account, a deal that was won is a contract."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.addresses import website_host
from connectors.contract import Found, Gone
from connectors.raw import Raw, Unreadable
from domain.accounts import Account
from domain.parties import Party
from domain.revenue import Contract

_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0"}


@dataclass(frozen=True)
class Records:
    """Makes records of the objects of one site. `users` names the users by id."""

    source: str
    fields: Mapping[str, str]
    users: Callable[[str | None], str | None]

    def organization(self, gone: list[Gone], raw: Raw) -> Iterator[Found]:
        """An account and its party; of a deleted one, that it is gone."""
        key, changed_at = raw.id(), raw.must_moment("update_time")
        if raw.flag("is_deleted"):
            gone += (Gone("account", key, changed_at), Gone("party", key, changed_at))
            return
        name = raw.text("name") or f"Organization {key}"
        address = raw.object("address") or Raw({})
        host = website_host(self._text(raw, "account.domain") or raw.text("website"))
        known_as = self._text(raw, "account.known_as")
        account = Account(
            source=self.source,
            external_id=key,
            name=name,
            domains=(host,) if host else (),
            segment=self._text(raw, "account.segment"),
            industry=self._text(raw, "account.industry"),
            region=self._text(raw, "account.region") or address.text("country"),
            csm=self._text(raw, "account.csm") or self.users(raw.ref("owner_id")),
            signed_up_on=self._day(raw, "account.signed_up_on"),
        )
        party = Party(
            source=self.source,
            external_id=key,
            role="crm",
            name=name,
            domains=account.domains,
            known_as=(known_as,) if known_as else (),
            country=address.text("country"),
            city=address.text("locality"),
        )
        yield Found(account, changed_at)
        yield Found(party, changed_at)

    def deal(self, gone: list[Gone], raw: Raw) -> Iterator[Found]:
        """A contract, where it is won and there; otherwise that there is none, or none any more."""
        key, changed_at = raw.id(), raw.must_moment("update_time")
        if raw.flag("is_deleted") or raw.text("status") != "won":
            gone.append(Gone("contract", key, changed_at))
            return
        organization = raw.ref("org_id")
        if organization is None:
            raise Unreadable("org_id", None, "an organization; link the deal to one in Pipedrive")
        starts_on = self._day(raw, "contract.starts_on") or raw.day("won_time") or raw.day("close_time")
        if starts_on is None:
            raise Unreadable("won_time", None, "a date and time")
        arr_cents, currency = self._arr(raw)
        contract = Contract(
            source=self.source,
            external_id=key,
            account_ref=organization,
            starts_on=starts_on,
            renews_on=self._day(raw, "contract.renews_on"),
            notice_on=self._day(raw, "contract.notice_on"),
            ends_on=self._day(raw, "contract.ends_on"),
            arr_cents=arr_cents,
            currency=currency,
            product_lines=self._texts(raw, "contract.product_lines"),
            auto_renew=self._flag(raw, "contract.auto_renew"),
        )
        yield Found(contract, changed_at)

    def _arr(self, raw: Raw) -> tuple[int, str]:
        """The yearly amount in minor units, and its currency: a monetary field of one's own has one of its own."""
        currency = raw.must_text("currency")
        if "contract.arr_cents" in self.fields:
            own = self._own(raw, "contract.arr_cents")
            amount = Raw(own) if isinstance(own, Mapping) else Raw({"value": own})
            currency = amount.text("currency") or currency
            cents = amount.cents("value", currency)
            if cents is None:
                raise Unreadable(self.fields["contract.arr_cents"], None, "an amount; enter it in Pipedrive")
            return cents, currency
        amounts = [cents for name in ("arr", "value") if (cents := raw.cents(name, currency)) is not None]
        return next((each for each in amounts if each), 0), currency

    def _own(self, raw: Raw, key: str) -> Any:
        """What the mapped field holds: a custom field by its hash, or a field of every site by its name."""
        name = self.fields.get(key)
        custom = raw.object("custom_fields")
        if name is None:
            return None
        return custom.fields[name] if custom and name in custom.fields else raw.fields.get(name)

    def _text(self, raw: Raw, key: str) -> str | None:
        return Raw({key: _plain(self._own(raw, key))}).text(key)

    def _day(self, raw: Raw, key: str) -> date | None:
        return Raw({key: _plain(self._own(raw, key))}).day(key)

    def _texts(self, raw: Raw, key: str) -> tuple[str, ...]:
        own = self._own(raw, key)
        several = own if isinstance(own, list) else [own]
        return tuple(text for each in several if (text := Raw({key: _plain(each)}).text(key)))

    def _flag(self, raw: Raw, key: str) -> bool | None:
        own = _plain(self._own(raw, key))
        said = str(own).strip().lower() if own is not None else ""
        return True if said in _YES else False if said in _NO else None


def _plain(value: Any) -> Any:
    """An option by its label, an address or an amount by its value."""
    if isinstance(value, Mapping):
        return value.get("label", value.get("value", value.get("name")))
    return value
