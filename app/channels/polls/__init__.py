"""Polls: votes, and the written answers that become reactions. One file per service."""
