"""Makes up a company and does the whole main job on it, from exports to digest."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from connectors.files import recognise
from domain.errors import StorageError
from jobs.importing import import_files
from jobs.run import run as run_job
from keepline import show
from keepline.bootstrap import CLOCK_NOTE, DEMO_NOTE, Keepline, configured
from keepline.commands import digest
from keepline.commands import run as run_command
from keepline.commands.import_ import print_files
from keepline.demo import truth
from keepline.demo.generate import LAST_DAY, generate
from keepline.mappings import mappings_for
from keepline.wording import banner
from retention.digest.content import DigestContent

# A year and a half: every renewal of the last year finds the flags that came before it, and of the accounts at risk
# enough are over to be compared.
_CAUGHT_UP = timedelta(weeks=78)


def run(keepline: Keepline, folder: Path, seed: int, as_json: bool) -> None:
    """Generate, import, run week by week, print the digest. The demo never goes into a database with other facts."""
    exports, database = folder / "exports", folder / "keepline.db"
    _make_room(database)
    keepline.settings = keepline.settings.model_copy(update={"database_url": f"sqlite:///{database}"})
    clock = datetime.combine(LAST_DAY, time(6), tzinfo=UTC) + timedelta(days=1)
    keepline.store.set_note(DEMO_NOTE, str(seed))
    keepline.store.set_note(CLOCK_NOTE, clock.isoformat())
    with show.progress() as report:
        generate(exports, seed, progress=lambda what, done, of: report(f"Making up {what}", done, of))
        # What only an inventor can know is no export.
        (exports / truth.FILE).replace(folder / truth.FILE)
        imported = import_files(keepline.store, recognise(exports, mappings_for(exports, None)), clock, report)
        done = run_job(keepline.store, keepline.rulebook, clock, report, since=clock - _CAUGHT_UP)
    content = digest.gathered(keepline)
    if as_json:
        show.raw(digest.written(content, "json"))
        return
    banner(keepline)
    print_files(imported)
    show.line()
    run_command.summary(done)
    show.line()
    show.raw(digest.written(content, "text"))
    digest.save(content, "html", folder / "digest.html")
    _print_next(content, folder, database)


def _make_room(database: Path) -> None:
    """Throw away the demo that was there; refuse to touch a database that is none.

    Raises:
        StorageError: other facts are kept there.
    """
    if database.exists():
        former = configured(f"sqlite:///{database}")
        is_demo = former.is_demo
        former.close()
        if not is_demo:
            raise StorageError(f"{database} holds facts that are no demo; give another --folder")
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink()
    database.parent.mkdir(parents=True, exist_ok=True)


def _print_next(content: DigestContent, folder: Path, database: Path) -> None:
    show.line(
        f"The same digest as a page: {folder / 'digest.html'}. The exports that it was made from: {folder / 'exports'}"
    )
    show.line(f"Look around: keepline --database sqlite:///{database} queue (or account, retention, impact)")
    show.line(f"What support saved of the accounts at risk: {content.saved.incremental.said}")
    show.line(
        f"The evidence: keepline --database sqlite:///{database} impact --explain incremental. "
        f"What help truly saved, which only an inventor can know: {folder / truth.FILE}, under incremental."
    )
