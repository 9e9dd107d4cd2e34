"""The first table of the inbox."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table `xendit_inbox` with its indexes."""

    initial = True

    dependencies = ()

    operations = (
        migrations.CreateModel(
            name="InboxEvent",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=200)),
                ("kind", models.CharField(max_length=40)),
                ("body", models.BinaryField()),
                ("webhook_id", models.CharField(max_length=255, null=True)),
                ("payment_id", models.CharField(max_length=255, null=True)),
                ("external_id", models.CharField(db_index=True, max_length=255, null=True)),
                ("source", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=20)),
                ("received_at", models.FloatField()),
                ("due_at", models.FloatField()),
                ("attempts", models.IntegerField()),
                ("deliveries", models.IntegerField()),
                ("lease_until", models.FloatField(null=True)),
                ("owner", models.CharField(max_length=32, null=True)),
                ("error", models.TextField(null=True)),
                ("outcome", models.CharField(max_length=20, null=True)),
                ("done_at", models.FloatField(null=True)),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "inbox",
                "db_table": "xendit_inbox",
                "indexes": [models.Index(fields=["state", "due_at"], name="xendit_inbox_due")],
            },
        ),
    )
