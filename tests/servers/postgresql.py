"""How the tests' own PostgreSQL differs from the one that people run."""

# Tests kill processes, never the machine, so nothing has to reach the disk.
UNSAFE = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
