"""Outside services as small programs of our own: state, pages, limits, signatures and failures like the originals.

Each is first proven with the service's official client (`test_*_client.py`); only then does a channel meet it. Nothing in
`app/` imports them.
"""
