"""What people say at the emulated services when the demo begins; plainly fictional."""

from collections.abc import Mapping

FIRST: Mapping[str, str] = {
    "social.mastodon": "De lantaarn bij de Voorbeeldbrug is al een week uit. Kan iemand daar naar kijken?",
    "social.x": "Waarom is de milieustraat in Voorbeeldstad op zaterdag dicht?",
    "social.facebook": "Mag keukenafval ook in de groene bak, of alleen tuinafval?",
    "social.vimeo": "Fijn filmpje! Waar kan ik oude verf inleveren?",
    "social.flickr": "Mooie foto van het park. Wordt de omgewaaide boom nog vervangen?",
    "phone.twilio_sms": "Bij de Testlaan 12 ligt een losse stoeptegel.",
    "phone.twilio_voice": "",
    "comments.wordpress": "Staat deze kalender ook in het Engels op de website?",
}


def first(kind: str) -> str:
    """The first reaction at a service."""
    return FIRST.get(kind, "Kunt u mij hier meer over vertellen?")
