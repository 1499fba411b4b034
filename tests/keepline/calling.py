"""What a call of the command line gives back, and a company that has been run once before."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.settings import Settings
from connectors.files import recognise
from jobs.importing import import_files
from jobs.run import run
from keepline.bootstrap import Keepline
from keepline.mappings import mappings_for


@dataclass
class Called:
    """What a call gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Called]


def begin(folder: Path, at: str) -> None:
    """Import `folder/exports` into `folder/keepline.db` and run once at a moment, by `folder/keepline-config`."""
    settings = Settings(database_url=f"sqlite:///{folder / 'keepline.db'}", config_dir=folder / "keepline-config")
    moment = datetime.fromisoformat(at)
    with closing(Keepline(settings)) as keepline:
        found = recognise(folder / "exports", mappings_for(folder / "exports", None))
        import_files(keepline.store, found, moment, lambda *_: None)
        run(keepline.store, keepline.rulebook, moment, lambda *_: None)
