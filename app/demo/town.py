"""Who works in Voorbeeldstad and what reaches them. Data only, plainly fictional."""

from typing import Any

from app.vocabulary import Presence, Role, TeamMode

SITE = "voorbeeldstad"
PAGE = "afval-2026"
PASSWORD = "welkom-in-voorbeeldstad"  # noqa: S105  (shown on the terminal; the demo listens on this machine only)
CLERK = "medewerker@voorbeeldstad.example"
ADMIN = "beheer@voorbeeldstad.example"

ORGANISATION = {
    "name": "Gemeente Voorbeeldstad",
    "website": "https://voorbeeldstad.example",
    "signature_nl": "Gemeente Voorbeeldstad",
    "signature_en": "Municipality of Voorbeeldstad",
}
HOURS = {day: [["08:30", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}

TEAMS: dict[str, dict[str, Any]] = {
    "straten": {"name": "Afval en straten", "mode": TeamMode.PUSH, "push_limit": 4, "hours": HOURS},
    "groen": {"name": "Groen en parken", "mode": TeamMode.NEXT, "hours": HOURS},
    "contact": {"name": "Klantcontact", "mode": TeamMode.NEXT, "hours": HOURS, "fallback": True},
}
THEMES = (
    ("afval", "Afval", "Waste", "straten"),
    ("straten", "Straten en verlichting", "Streets and lighting", "straten"),
    ("groen", "Groen en bomen", "Trees and parks", "groen"),
    ("overig", "Overige vragen", "Other questions", "contact"),
)
AGENTS: tuple[dict[str, Any], ...] = (
    {
        "email": CLERK, "name": "Medewerker Voorbeeld", "public_name": "Team Afval en straten", "languages": ["nl", "en"],
        "presence": Presence.AVAILABLE, "teams": (("straten", False), ("groen", False), ("contact", False)),
    },
    {
        "email": ADMIN, "name": "Beheerder Voorbeeld", "role": Role.ADMIN, "languages": ["nl", "en"],
        "presence": Presence.AWAY, "teams": (("straten", True), ("groen", True), ("contact", True)),
    },
    {
        "email": "collega@voorbeeldstad.example", "name": "Collega Voorbeeld", "languages": ["nl"],
        "presence": Presence.AWAY, "teams": (("straten", False), ("groen", False)),
    },
)  # fmt: skip
RULES = (
    {
        "name": "Bomen en groen", "all": [{"field": "text", "in": ["boom", "bomen", "park", "plantsoen", "tree", "trees"]}],
        "then": {"theme": "groen"},
    },
    {
        "name": "Gevaar op straat", "any": [{"field": "text", "in": ["gevaarlijk", "losse stoeptegel", "dangerous"]}],
        "then": {"theme": "straten", "priority": "high"},
    },
    {"name": "Pagina over afval", "all": [{"field": "page", "in": [PAGE]}], "then": {"theme": "afval"}},
)  # fmt: skip
TEMPLATES = (
    ("Doorgegeven", "nl", ("Dank voor uw bericht. Ik heb het doorgegeven aan de collega's buiten; zij kijken binnen drie "
     "werkdagen.")),
    ("Passed on", "en", ("Thank you for your message. I have passed it on to our colleagues outside; they will look at it "
     "within three working days.")),
    ("Meer informatie nodig", "nl", "Dank voor uw bericht. Kunt u ons laten weten om welke straat het gaat?"),
    ("More information needed", "en", "Thank you for your message. Could you tell us which street this is about?"),
)  # fmt: skip
COMMENTS = (
    (
        "Een bewoner",
        "Kan de groene bak in de zomer weer elke week geleegd worden? Na twee weken ruikt hij flink.",
        PAGE,
    ),
    ("Buurtgenoot", "In het park aan de Voorbeeldlaan is een boom omgewaaid. Hij ligt half over het fietspad.", "park"),
    ("A newcomer", "Where can I find the collection days for my street? The page only shows them in Dutch.", PAGE),
)
