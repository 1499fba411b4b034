"""What a call of the command line gives back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
