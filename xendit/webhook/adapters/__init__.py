"""Adapters: a Webhook hung into a framework. Each module imports its framework, and only that; wsgi and asgi none.

They carry a request to the Webhook and its answer back, and decide nothing.
"""
