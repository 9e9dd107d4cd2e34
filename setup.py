"""For tools that still call setup.py. All metadata stands in pyproject.toml; nothing may be added here."""

from setuptools import setup

setup()
