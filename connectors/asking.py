"""Knows what a connector that asks one server has used up of what it may ask."""

from connectors.http import Http


class Asking:
    """A connector with one server."""

    http: Http

    @property
    def calls(self) -> int:
        return self.http.calls

    @property
    def budget_left(self) -> int | None:
        return self.http.budget_left
