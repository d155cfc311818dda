"""The address of a person at a service: `mastodon:jan@social.example`, `x:2244994945`.

The service's name is part of it, since all handles of all services share one space and many services simply count.
"""


def author_address(service: str, account: str) -> str:
    """The address under which we know an account."""
    return f"{service}:{account.strip().lower()}"


def account_of(service: str, address: str) -> str:
    """The account in such an address; the address itself where it is of another form."""
    return address.removeprefix(f"{service}:")
