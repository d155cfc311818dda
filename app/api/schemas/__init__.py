"""What goes in and out of the API as JSON, one file per resource.

Why these name again what the rows of `app/tickets` hold, instead of being made from them: this is the contract. A column that
a page of the desk needs must not appear in the API by itself, and one that is renamed inside must not be renamed outside.
A row that no longer has what is told of it fails every test that reads it.
"""
