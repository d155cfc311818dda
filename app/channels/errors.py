"""What goes wrong at a channel. Each error says what to do next, which is all that the caller needs to know.

Re-exported by `contract.py`, the module that everybody imports.
"""


class ChannelError(Exception):
    """Base of what goes wrong at a channel. `detail` is for the desk: what the other side said, no secret, no address.

    `gone`: what was to be corrected stands there no longer, since it could be taken away and not be said anew.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.gone = False

    def say_first(self, words: str) -> None:
        """Put a sentence before what the other side said."""
        self.detail = f"{words} {self.detail}"
        self.args = (self.detail,)


class NotAuthentic(ChannelError):
    """A push whose signature, token or origin is wrong: answer 401, count it, store nothing."""


class Unreadable(ChannelError):
    """This item cannot be understood: set it aside with the reason; the next one goes on."""


class Unreachable(ChannelError):
    """Nothing happened at the other side: try again, after `retry_after` seconds where the service says so.

    `whole_account` tells that every other call of this account would fail too (rate limit, password, network).
    """

    def __init__(self, detail: str, retry_after: float | None = None, whole_account: bool = True) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.whole_account = whole_account


class Refused(ChannelError):
    """The other side will never take this message: final, shown to the agent. `code` is the service's own."""

    def __init__(self, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.code = code


class Uncertain(ChannelError):
    """It may have gone out. Ask `find_sent` before anything else; where that cannot tell, an agent decides."""
