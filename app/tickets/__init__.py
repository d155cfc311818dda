"""What may be done with a ticket: a verb per file.

Every verb checks who asks, changes the ticket by one conditional update that raises its version, and records an event, in
the caller's transaction. Lists and pages read columns in a number of statements that does not grow with what they show.
"""
