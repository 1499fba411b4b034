"""Knows what an address on the net says about a company: its registered domain, and whose that may be."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from tldextract import TLDExtract

# Endings of networks that are not the internet: everybody has a "mail.local".
_NOBODY_S = frozenset(
    {"local", "localhost", "localdomain", "internal", "intranet", "lan", "home", "corp", "invalid", "arpa"}
)
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
    parts = _parted(host)
    if parts is None:
        return None
    subdomain, own, suffix = parts
    name, label = f"{own}.{suffix}", _readable(own)
    anybody = label in _known()["anybody.labels"] or not {name, host}.isdisjoint(_everybody_s())
    return Domain(name, label.replace("-", ""), _door(subdomain), anybody)


def _parted(host: str) -> tuple[str, str, str] | None:
    """What stands before the registered domain, its own label, and the public suffix behind it."""
    found = _extract().extract_str(host)
    if found.suffix:
        return (found.subdomain, found.domain, found.suffix) if found.domain else None
    # The list's own rule for an ending that it does not name: the ending is the suffix.
    labels = host.rsplit(".", 2)
    if len(labels) < 2 or found.ipv4 or found.ipv6 or not labels[-2] or labels[-1] in _NOBODY_S:
        return None
    return (".".join(labels[:-2]), labels[-2], labels[-1]) if not labels[-1].isdigit() else None


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
