"""Links the customers of helpdesks, billing and usage to accounts: `link(parties, decisions, now=...)`."""

from connectors.linking.stages import Linking, link

__all__ = ["Linking", "link"]
