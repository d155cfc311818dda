"""Polls of our own: made at the desk, published, closed, counted. Votes themselves come in through their channel.

make → publish ─► votes (channel → intake) ─► close ─► result, with both counts
"""
