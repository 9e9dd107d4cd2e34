"""Simulated worlds: what is run in them, and how well they find faults."""
