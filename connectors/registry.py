"""Knows which vendors there are: our own, and those that packages bring by the entry point `keepline.connectors`."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points

from connectors.contract import Vendor
from domain.errors import NotFound

GROUP = "keepline.connectors"
_OWN: dict[str, str] = {
    "chargebee": "connectors.vendors.chargebee",
    "freshdesk": "connectors.vendors.freshdesk",
    "helpscout": "connectors.vendors.helpscout",
    "hubspot": "connectors.vendors.hubspot",
    "intercom": "connectors.vendors.intercom",
    "jira": "connectors.vendors.jira",
    "pipedrive": "connectors.vendors.pipedrive",
    "request_tracker": "connectors.vendors.request_tracker",
    "salesforce": "connectors.vendors.salesforce",
    "stripe": "connectors.vendors.stripe",
    "warehouse": "connectors.vendors.warehouse",
    "zammad": "connectors.vendors.zammad",
    "zendesk": "connectors.vendors.zendesk",
}


def vendor(name: str) -> Vendor:
    """One vendor, by the name that `keepline connect` takes.

    Raises:
        NotFound: there is none of that name.
    """
    found = _loaders().get(name)
    if found is None:
        near = get_close_matches(name, _loaders(), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise NotFound(f"there is no connector {name!r}; {hint}There are: {', '.join(sorted(_loaders()))}")
    return found()


def vendors() -> list[Vendor]:
    """All vendors, by name."""
    return [load() for _, load in sorted(_loaders().items())]


def _loaders() -> dict[str, Callable[[], Vendor]]:
    # An entry point names the Vendor itself. Our own come last, so that no package takes their place.
    brought: dict[str, Callable[[], Vendor]] = {point.name: point.load for point in entry_points(group=GROUP)}
    return brought | {name: partial(_own, module) for name, module in _OWN.items()}


def _own(module: str) -> Vendor:
    found: Vendor = import_module(module).VENDOR
    return found
