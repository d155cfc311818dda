"""Real servers for tests: mail and a browser."""
