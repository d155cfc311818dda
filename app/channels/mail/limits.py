"""How much of one mail is read. What lies beyond is never lost: the raw item keeps every byte, and the reaction says so.

Each bound is far above what people send and far below what hurts: the largest newsletter seen has about 200 headers, a
deep forward chain nests 12 levels.
"""

MAX_HEADERS = 1_000
"""Headers read from one header block."""

MAX_HEADER_BYTES = 32_768
"""Bytes read of one header's value."""

MAX_HEADER_BLOCK = 1_000_000
"""Bytes of header values read from one header block."""

MAX_PARTS = 500
"""Parts of one mail, containers included."""

MAX_DEPTH = 24
"""Multiparts inside one another."""

MAX_TEXT = 2_000_000
"""Characters of text kept from one mail."""

MAX_HTML = 1_000_000
"""Characters of HTML that are sanitised; of a longer one the text is shown alone."""

MAX_HTML_DEPTH = 1_000
"""Open elements: parsers grow quadratically with depth (100,000 took 12 to 18 seconds)."""

MAX_RECIPIENTS = 200
MAX_REFERENCES = 50
MAX_TOKENS = 50
MAX_REPORTS = 100
MAX_NAME = 200
MAX_SUBJECT = 998
