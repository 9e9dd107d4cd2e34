"""A shop in Django: an order, its invoice, the payment page, the webhook, the order paid in its own transaction.

    pip install "xendit-sdk[cli]" django
    xendit sandbox run -- python manage.py migrate
    xendit sandbox run --webhook /webhooks/xendit -- python manage.py runserver

Without the sandbox, set XENDIT_API_KEY and XENDIT_WEBHOOK_TOKEN; not a line changes.
"""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    execute_from_command_line(sys.argv)
