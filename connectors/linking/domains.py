"""Knows what an address on the net says about a company: its registered domain, and whose that may be."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from tldextract import TLDExtract

_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#]*@)?([^/?#:\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Domain:
    """A host's registered domain: `acme.co.uk` of `support.acme.co.uk`.

    `label` is its own part (`acme`), without hyphens; `door` what stands before it, None for `www`, `support` and the
    like, which every company has. `anybody` is true where everybody can have an address: free mail, thrown-away mail,
    a provider's customers.
    """

    name: str
    label: str
    door: str | None
    anybody: bool


@cache
def _known() -> dict[str, frozenset[str]]:
    text = files("connectors.linking").joinpath("domains.toml").read_text(encoding="utf-8")
    lists: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {f"{name}.{part}": frozenset(words) for name, parts in lists.items() for part, words in parts.items()}


@cache
def _extract() -> TLDExtract:
    # The list that is shipped with the library: no call to the outside, the same answer everywhere.
    platforms = tuple(sorted(_known()["platforms.suffixes"]))
    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True, extra_suffixes=platforms)


@lru_cache(maxsize=1 << 16)
def read_domain(written: str) -> Domain | None:
    """What a host, URL or mail address says; None where it is none, or a platform's own."""
    found = _HOST.match(written.strip())
    if found is None:
        return None
    host = _ascii(found.group(1).strip(".").casefold())
    parts = _extract().extract_str(host)
    name = parts.top_domain_under_public_suffix
    if not name:
        return None
    label = _readable(parts.domain)
    anybody = label in _known()["anybody.labels"] or not {name, host}.isdisjoint(_everybody_s())
    return Domain(name, label.replace("-", ""), _door(parts.subdomain), anybody)


@cache
def _everybody_s() -> frozenset[str]:
    return _known()["anybody.domains"] | _known()["disposable.domains"]


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _readable(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


def _door(subdomain: str) -> str | None:
    own = [part for part in subdomain.split(".") if part and part not in _known()["doors.labels"]]
    return ".".join(own) or None
