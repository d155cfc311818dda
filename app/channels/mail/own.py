"""What a mailbox knows about itself: the facts that reading a mail needs besides the mail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnMail:
    """Handed to `parse.parse_mail`. Addresses are lower case, without `+tag`; domains lower case, without a dot at the end.

    `own_domain` is the right half of the Message-IDs that we make. `authserv_ids` are the names that our own mail servers
    use in Authentication-Results; results under any other name are somebody's claim. `form_senders` are addresses that
    websites' contact forms send from, besides our own. `staff_domains` are the domains of colleagues (empty: only the
    domains of `own_addresses`). `reply_template` is where answers come home, with `{token}` in it, when that is no plus tag of an
    own address. Sizes are bytes of decoded content.
    """

    own_addresses: frozenset[str] = frozenset()
    own_domain: str = ""
    authserv_ids: frozenset[str] = frozenset()
    form_senders: frozenset[str] = frozenset()
    staff_domains: frozenset[str] = frozenset()
    reply_template: str = ""
    max_attachments: int = 100
    max_attachment_bytes: int = 25_000_000
    max_attachments_bytes: int = 60_000_000

    def is_own(self, address: str) -> bool:
        """Whether a normalised address, with or without a `+tag`, is one of ours."""
        return without_tag(address) in self.own_addresses

    def is_staff(self, address: str) -> bool:
        """Whether the address lies in a domain of the organisation. A claim only: anybody can write any From."""
        domain = address.rpartition("@")[2]
        if self.staff_domains:
            return domain in self.staff_domains
        return any(own.rpartition("@")[2] == domain for own in self.own_addresses)


def without_tag(address: str) -> str:
    """`info+x@voorbeeldstad.example` → `info@voorbeeldstad.example`."""
    local, at, domain = address.rpartition("@")
    return local.partition("+")[0] + at + domain if at else address


def tag_of(address: str) -> str:
    """The part between the first `+` and the `@`, or an empty string."""
    return address.rpartition("@")[0].partition("+")[2]
