"""A kind of channel for tests: it answers nothing and needs no network."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict, SecretStr

from app.channels.contract import AccountConfig, Audience, Health, Incoming, Kind, Limits, RawItem

WATCHERS: list[Callable[[], object]] = []
"""What looks round while the office is asked how it is."""


class PaperSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    office: str
    password: SecretStr = SecretStr("")


class Paper:
    """Letters over the counter: read by nobody here."""

    def __init__(self, config: AccountConfig) -> None:
        self._config = config

    @property
    def limits(self) -> Limits:
        return Limits(audience=Audience(public=False, labels={"nl": "Alleen de afzender", "en": "The sender only"}))

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        return ()

    def check(self) -> Health:
        for look in WATCHERS:
            look()
        return Health(problem="Open the office first.")


KIND = Kind("paper", {"nl": "Papier", "en": "Paper"}, PaperSettings, Paper, Paper)
