"""Clients that others wrote, unchanged, against the sandbox."""
