"""Holds the fakes against the vendors' published specifications.

    python -m tests.connectors.specifications FOLDER [VENDOR ...]

Each fake is synced from, and written to where its connector writes; every answer that it gave is validated by the
schema that its vendor's OpenAPI file has for that path, method and status. The files are not part of Keepline: FOLDER
holds them, and each fake names its own in `specifications`, and in `exempt` where the live service is known to differ.
Ends with 1 if any other answer does not fit.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from connectors.contract import AccountTask, RecordChange, TicketChange, WritesRecords, WritesTasks, WritesTickets
from domain.errors import ConnectorError
from keepline.proving.contract_suite import START_OF_TIME, ConnectorContract, Proving
from keepline.proving.loopback import FakeSite, Loopback, Reply, Request, SiteClock, serving
from storage.store import Store
from tests.connectors import test_every_connector


class Recorded(Loopback):
    """A site whose answers are kept."""

    def __init__(self, site: FakeSite) -> None:
        super().__init__(site)
        self.answers: list[tuple[Request, Reply]] = []

    def handle(self, request: Request) -> Any:
        reply, fault = super().handle(request)
        self.answers.append((request, reply))
        return reply, fault


class Specification:
    """One OpenAPI file: the schema of an answer, by method, path and status."""

    def __init__(self, path: Path) -> None:
        self.document = _as_json_schema(json.loads(path.read_text(encoding="utf-8")))
        # A specific path before one with a parameter in the same place.
        self.paths = sorted(self.document["paths"].items(), key=lambda item: item[0].count("{"))
        self.bases = [_base(each.get("url", "")) for each in self.document.get("servers", [])] or [""]

    def schema(self, method: str, path: str, status: int) -> dict[str, Any] | None:
        """The schema; an empty one where the answer has no JSON, None where nothing of the kind is specified."""
        for template, operations in self.paths:
            if any(_fits(base + template, path) for base in {*self.bases, ""}) and method.lower() in operations:
                answers = operations[method.lower()]["responses"]
                answer = answers.get(str(status)) or answers.get("default")
                if answer is None:
                    return None
                content = self._resolved(answer).get("content", {})
                media: dict[str, Any] = next((each for name, each in content.items() if "json" in name), {})
                schema: dict[str, Any] = media.get("schema", {})
                return schema
        return None

    def problems(self, schema: dict[str, Any], value: Any) -> Iterator[str]:
        """What does not fit, with the place where it stands."""
        rooted = {**schema, "components": self.document.get("components", {})}
        for error in Draft202012Validator(rooted).iter_errors(value):
            yield f"{error.json_path}: {error.message[:160]}"

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in value:
            found: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, JSON Schema says it in the type; formats and examples play no part."""
    if isinstance(value, list):
        return [_as_json_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _as_json_schema(each) for name, each in value.items() if name not in {"example", "examples"}}
    if plain.pop("nullable", False) is True:
        if isinstance(plain.get("type"), str):
            plain["type"] = [plain["type"], "null"]
        if isinstance(plain.get("enum"), list) and None not in plain["enum"]:
            plain["enum"] = [*plain["enum"], None]
        if isinstance(plain.get("anyOf"), list):
            plain["anyOf"] = [*plain["anyOf"], {"type": "null"}]
        if "$ref" in plain:
            plain = {"anyOf": [{"$ref": plain.pop("$ref")}, {"type": "null"}]}
    return plain


def _base(url: str) -> str:
    return re.sub(r"^[a-z]+://[^/]+|^\{[^}]+\}", "", url).rstrip("/")


def _fits(template: str, path: str) -> bool:
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", template)
    )
    return re.fullmatch(pattern.removesuffix(r"\.json") + r"(\.json)?", path) is not None


def recorded_answers(site_type: type[FakeSite], fields: Any) -> list[tuple[Request, Reply]]:
    """What a site answers to two syncs, with a change and a deletion in between, and to writing."""
    site = site_type(SiteClock(START_OF_TIME))
    with tempfile.TemporaryDirectory() as folder, serving(site) as loopback:
        recorded = Recorded(site)
        loopback.handle = recorded.handle  # type: ignore[method-assign]
        store = Store(f"sqlite:///{folder}/proving.db")
        proving = Proving(site, loopback, store, fields)
        proving.connector().check()
        site.add(13)
        proving.sync_well()
        site.change(0)
        if site.tells_deletions:
            site.delete(1)
        proving.sync_well()
        _write(proving)
        store.close()
        return recorded.answers


def _write(proving: Proving) -> None:
    connector, facts = proving.connector(), proving.site.facts()
    if isinstance(connector, WritesTickets):
        ticket = next(iter(facts["ticket"]))
        change = TicketChange(ticket, "key", proving.clock.now(), priority="urgent", note="Call.")
        # Not every vendor has tags.
        with suppress(ConnectorError):
            connector.write(replace(change, add_tags=("renewal-risk",)))
        connector.write(change)
    if isinstance(connector, WritesTasks):
        account = next(iter(facts["account"]))
        connector.write_task(AccountTask(account, "key", "Call them", "Their export fails.", date(2026, 7, 1)))
    if isinstance(connector, WritesRecords):
        connector.write_record(RecordChange(next(iter(facts["account"])), proving.clock.now(), proving.site.settable))


@dataclass
class Validated:
    """How many answers fit, how many problems were exempt, what did not fit, and which paths no specification has."""

    fits: int
    exempt: int
    wrong: Counter[str]
    unknown: Counter[str]


def validate(site_type: type[FakeSite], fields: Any, folder: Path) -> Validated:
    """Hold the answers of one fake against its specifications."""
    specifications = [Specification(folder / name) for name in site_type.specifications]
    fits, exempt, wrong, unknown = 0, 0, Counter[str](), Counter[str]()
    for request, reply in recorded_answers(site_type, fields):
        place = f"{request.method} {re.sub(r'[0-9]+', '0', request.path)} {reply.status}"
        found = [(each, each.schema(request.method, request.path, reply.status)) for each in specifications]
        matching = [(specification, schema) for specification, schema in found if schema is not None]
        if not matching:
            unknown[place] += 1
            continue
        specification, schema = matching[0]
        problems = list(specification.problems(schema, reply.body)) if schema else []
        told = [problem for problem in problems if not any(part in problem for part in site_type.exempt)]
        wrong.update(f"{place}: {problem}" for problem in told)
        exempt += len(problems) - len(told)
        fits += not told
    return Validated(fits, exempt, wrong, unknown)


def main(arguments: list[str]) -> int:
    folder, failed = Path(arguments[0]), 0
    suites = [each for each in vars(test_every_connector).values() if isinstance(each, type)]
    for suite in suites:
        if not issubclass(suite, ConnectorContract) or not hasattr(suite, "site_type"):
            continue
        site = suite.site_type
        if arguments[1:] and site.vendor not in arguments[1:]:
            continue
        done = validate(site, suite.fields, folder)
        _tell(f"{site.vendor}: {done.fits} answers fit {', '.join(site.specifications) or 'no specification'};")
        _tell(f"    {done.wrong.total()} problems, {done.exempt} exempt, {done.unknown.total()} answers not specified")
        for problem, count in done.wrong.most_common(15):
            _tell(f"    {count} x {problem}")
        for place, count in done.unknown.items():
            _tell(f"    {count} x not specified: {place}")
        failed += bool(done.wrong)
    return int(failed > 0)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
