"""Mail, three doors into one path: IMAP, LMTP and an MTA's pipe; and out again by SMTP."""
