"""How reactions come in: journal (bytes first), complete, admit (parse → identify → thread → ticket), and the ledger.

Pure, without a database: `identity`, `thread`, `clean`, `fingerprint`, `known_text`, `language`, `machines`, `outcome`.
"""
