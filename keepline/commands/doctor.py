"""Prints what was checked and what to do."""

from dataclasses import asdict

import typer

from keepline import show
from keepline.bootstrap import Keepline
from keepline.doctor import examine


def run(keepline: Keepline, as_json: bool) -> None:
    """Exit code 1 where something is not well."""
    findings = examine(keepline)
    if as_json:
        show.as_json([asdict(finding) for finding in findings])
    else:
        rows = [
            ["ok" if finding.well else "NOT WELL", finding.check, finding.found, "" if finding.well else finding.remedy]
            for finding in findings
        ]
        show.table("Doctor", ["", "Check", "Found", "What to do"], rows)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
