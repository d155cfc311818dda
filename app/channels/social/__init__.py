"""Social media: one file per service (`mastodon.py`, `x.py`, …), and beside them the small pure parts that they share.

`api.py` calls a JSON service and turns what goes wrong into the errors of the contract, `brake.py` honours rate limits
before they are hit, `oauth.py` makes and reads what a consent needs, `json_fields.py` reads untrusted JSON, `html_text.py`
turns HTML into text, `split.py` cuts a long answer into numbered posts. The services know nothing of one another.
"""
