"""Writes the commented configuration into a folder of the user's own and prepares the database."""

import shutil

from config import documents
from keepline import show
from keepline.bootstrap import Keepline


def run(keepline: Keepline, as_json: bool) -> None:
    """Copy what is not there yet; a file that is there is never touched."""
    folder = keepline.settings.config_dir
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for default in documents.shipped():
        target = folder / default.name
        (kept if target.exists() else written).append(target.name)
        if not target.exists():
            shutil.copyfile(default, target)
    database = keepline.store.engine.url.render_as_string(hide_password=True)
    if as_json:
        show.as_json({"config_dir": str(folder), "written": written, "kept": kept, "database": database})
        return
    show.line(
        f"Configuration in {folder}: wrote {', '.join(written) or 'nothing'}; kept {', '.join(kept) or 'nothing'}"
    )
    show.line(f"Database ready: {database}")
    show.line("Next: keepline map FOLDER shows how your exports would be read; keepline import FOLDER reads them.")
