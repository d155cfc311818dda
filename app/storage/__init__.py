"""Where things are kept: the database and its transactions, wake-ups and jobs, stored files, and the secret keys."""
