"""Adapters: each connects a Webhook to a framework. A module imports only its own framework; wsgi and asgi import none.

Adapters carry a request to the Webhook and its answer back, and decide nothing.
"""
