"""Weerklank: reactions of the public in, the right person, the answer back the way it came.

    channel.pull / channel.receive     raw items            app/channels/   I/O, knows no database
            │
    intake.journal                     bytes + cursor       one transaction; only now "200 OK" or the next page
            │
    intake.complete (where needed)     fetch what the item points to: a recording, a picture
            │
    intake.admit    parse → identify → thread → ticket + message   one transaction an item
            │
    assignment      facts → routing.decide → decision + trace      app/routing/ is pure
            │
    api  ←→  desk   people read, answer, note, hand over; app/public/ is what citizens see
            │
    tickets.reply → delivery row       in the transaction of the reply
            │
    delivery        claim │ send │ settle: no transaction is open while sending

Rows are the truth, wake-ups are hints: every piece of work is a row in a state, a notification only says "look", and a sweep
finds what a lost notification left. Imports go down only, in the order of the contracts in pyproject.toml; README.md has
the map of the folders and docs/design.md the reasons.
"""
