"""Instruments that prove what a call does when the network or the server fails."""
