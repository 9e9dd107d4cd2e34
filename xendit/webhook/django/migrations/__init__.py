"""The inbox's table in Django's databases, step by step."""
