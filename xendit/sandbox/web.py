"""Werkzeug, for the modules that speak HTTP: the one place that imports it, and that says when the extra is missing."""

from __future__ import annotations

from importlib.util import find_spec

from xendit.installation import is_missing

MISSING = 'the `sandbox` extra is missing: pip install "xendit-sdk[sandbox]"'

try:
    from werkzeug.exceptions import HTTPException, MethodNotAllowed
    from werkzeug.routing import Map, MapAdapter, Rule
    from werkzeug.wrappers import Request, Response
except ImportError as error:
    if is_missing(error, "werkzeug"):
        raise ImportError(MISSING) from None
    raise

if not (find_spec("jinja2") and find_spec("segno")):  # imported with the first page, but better missed at the start
    raise ImportError(MISSING)

__all__ = ["HTTPException", "Map", "MapAdapter", "MethodNotAllowed", "Request", "Response", "Rule"]
