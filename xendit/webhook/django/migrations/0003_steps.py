"""A table for the steps that `event.once` keeps."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table `xendit_inbox_step`. No other one changes, so that both versions may run meanwhile."""

    dependencies = (("xendit_webhook", "0002_lease_index"),)

    operations = (
        migrations.CreateModel(
            name="InboxStep",
            fields=[
                ("name", models.CharField(max_length=300, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=200)),
                ("step", models.CharField(max_length=100)),
                ("begun_at", models.FloatField()),
                ("done_at", models.FloatField(null=True)),
                ("result", models.TextField(null=True)),
            ],
            options={
                "db_table": "xendit_inbox_step",
                "indexes": [models.Index(fields=["key"], name="xendit_inbox_step_key")],
            },
        ),
    )
