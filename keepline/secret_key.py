"""Knows where the key is that seals the secrets of the connections: in the environment, or in the system's keyring."""

from config.settings import Settings
from domain.errors import StorageError
from storage.sealing import new_key

_SERVICE, _NAME = "keepline", "secret key"


def secret_key(settings: Settings, *, make: bool = False) -> str:
    """The key; with `make` a new one is put into the keyring where there is none yet.

    Raises:
        StorageError: neither place has one.
    """
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    # Imported here, because the keyring looks for its backends on import.
    import keyring
    from keyring.errors import KeyringError

    try:
        held = keyring.get_password(_SERVICE, _NAME)
        if held is None and make:
            held = new_key()
            keyring.set_password(_SERVICE, _NAME, held)
    except KeyringError as error:
        raise _no_key() from error
    if held is None:
        raise _no_key()
    return held


def _no_key() -> StorageError:
    return StorageError(
        "there is no key to seal secrets with, and this system has no keyring for one; keepline connect --new-key"
        " prints a key: keep it safe, and set KEEPLINE_SECRET_KEY to it"
    )
