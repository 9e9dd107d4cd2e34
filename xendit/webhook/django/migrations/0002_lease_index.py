"""An index for what a worker has left behind: the second half of what is due."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The index on state and lease. No column changes, so that both versions may run meanwhile."""

    dependencies = (("xendit_webhook", "0001_initial"),)

    operations = (
        migrations.AddIndex(
            model_name="inboxevent",
            index=models.Index(fields=["state", "lease_until"], name="xendit_inbox_lease"),
        ),
    )
