"""Management commands: xendit_drain."""
