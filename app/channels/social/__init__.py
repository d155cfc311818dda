"""Social media: one file per service (`mastodon.py`, `x.py`, …), and beside them the small pure parts that they share.

`account.py` and `settings.py` hold what every account needs in the same words. `api.py` calls a JSON service and turns what
goes wrong into the errors of the contract, `brake.py` honours rate limits before they are hit, `oauth.py` and `oauth1.py` make
and read what a consent needs, `json_fields.py` reads untrusted JSON, `html_text.py` turns HTML into text, `laid_aside.py` turns
a list round that comes newest first, `split.py` cuts a long answer into numbered posts. The services know nothing of one another.
"""
