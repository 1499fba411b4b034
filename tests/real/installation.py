"""A Keepline of its own that a proof drives by its commands, and the list of what the proof has checked."""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from keepline.__main__ import main
from keepline.bootstrap import Keepline, configured
from storage.brought import rows_of


@dataclass
class Report:
    """What was checked."""

    wrong: list[str] = field(default_factory=list)
    checked: int = 0

    def that(self, claim: str, found: object, expected: object = True) -> None:
        """Check one thing, and say it."""
        self.checked += 1
        if found == expected:
            self.say(f"  ok     {claim}")
        else:
            self.wrong.append(claim)
            self.say(f"  WRONG  {claim}: found {found!r}, expected {expected!r}")

    @staticmethod
    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


@dataclass
class Installation:
    """An empty Keepline in `folder`, whose one connection is `name`; `said` is what its last command printed."""

    folder: Path
    name: str
    environment: dict[str, str] = field(default_factory=dict)
    said: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'keepline.db'}"

    def run(self, *words: str) -> int:
        """`keepline WORDS`; its exit code. In this process, because starting one takes longer than most commands."""
        out, err = StringIO(), StringIO()
        argv = ["keepline", "--database", self.database, "--config", str(self.config), *words]
        code = 0
        with (
            patch.dict(os.environ, self.environment), patch.object(sys, "argv", argv),
            redirect_stdout(out), redirect_stderr(err),
        ):  # fmt: skip
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        self.said = out.getvalue() + err.getvalue()
        self._printed = out.getvalue()
        return code

    def json(self, *words: str) -> Any:
        """What a command says as JSON."""
        self.run(*words, "--json")
        try:
            return json.loads(self._printed)
        except ValueError:
            raise RuntimeError(f"keepline {' '.join(words)}: {self.said}") from None

    def sync(self) -> Any:
        """What `keepline sync` came to."""
        (done,) = self.json("sync", self.name)
        return done

    def opened(self) -> Keepline:
        """The installation from inside, as a job has it."""
        with patch.dict(os.environ, self.environment):
            return configured(self.database, self.config)

    def rows(self, record: Any) -> Mapping[str, Mapping[str, Any]]:
        """What the connection brought, of one kind."""
        keepline = self.opened()
        found = rows_of(keepline.store.engine, self.name).get(record, {})
        keepline.close()
        return found
