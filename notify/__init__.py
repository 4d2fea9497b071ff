"""Tells people what happened: it reads the outbox and sends mail and text messages."""
