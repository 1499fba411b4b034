"""Knows which settings come from the environment and what they are when nothing is said."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where Keepline keeps its facts and finds its configuration; each is `KEEPLINE_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="KEEPLINE_", extra="ignore")

    database_url: str = Field(
        default="sqlite:///keepline.db",
        description="SQLite file or PostgreSQL database that holds the facts.",
    )
    config_dir: Path = Field(
        default=Path("keepline-config"),
        description="Folder whose YAML files take precedence over the shipped defaults, file by file.",
    )
    company: str = Field(
        default="Your company",
        description="What the digest calls the company whose support it reports on.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Key that seals the secrets of connections; without it, the system's keyring keeps one.",
    )
    public_url: str | None = Field(
        default=None,
        description="Address under which vendors reach keepline serve; some sign it with their webhooks.",
    )
    language_model_url: str | None = Field(
        default=None,
        description="Address of an OpenAI-compatible language model; without it, none is asked.",
    )
    language_model: str | None = Field(
        default=None,
        description="What the language model is called at that address.",
    )
    language_model_key: SecretStr | None = Field(
        default=None,
        description="Key that the address asks for, where it asks for one.",
    )
    language_model_seconds: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description="How long an answer may take as a whole.",
    )
