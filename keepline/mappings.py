"""Finds the mappings by which a folder is read: the user's own first, then those that ship."""

from pathlib import Path

from config import documents
from connectors.files import SHIPPED_MAPPINGS
from connectors.mapping import Mapping

FOLDER_MAPPING = "keepline-map.yaml"


def own_mapping(folder: Path, given: Path | None) -> Path | None:
    """The mapping that was named, or that lies in the folder."""
    beside = (folder if folder.is_dir() else folder.parent) / FOLDER_MAPPING
    return given or (beside if beside.is_file() else None)


def mappings_for(folder: Path, given: Path | None) -> list[Mapping]:
    """The user's own mapping; where there is none, the shipped ones.

    Raises:
        ConfigError: a mapping is wrong, with the place and what would be right.
    """
    own = own_mapping(folder, given)
    if own is not None:
        return [documents.read(own, Mapping)]
    return [documents.read(path, Mapping) for path in sorted(SHIPPED_MAPPINGS.glob("*.yaml"))]
