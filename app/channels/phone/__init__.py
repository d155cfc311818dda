"""Telephone: calls and text messages through Twilio, and what employees write down by hand."""
