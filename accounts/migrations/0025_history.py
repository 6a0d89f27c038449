import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bookwhen.db

# Retention, the erasure of a person and the deletion of an account open it for their own transaction
# (accounts.history.forgetting). A login that is deleted takes no more with it than the link to it.
KEEP = """
CREATE FUNCTION accounts_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('bookwhen.history', true) = 'open' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'accounts_auditentry' THEN
        IF NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_history();
CREATE TRIGGER audit_object_kept BEFORE UPDATE OR DELETE ON accounts_auditobject
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_history();
"""
LET_GO = """
DROP TRIGGER audit_entry_kept ON accounts_auditentry;
DROP TRIGGER audit_object_kept ON accounts_auditobject;
DROP FUNCTION accounts_keep_history();
"""


class Migration(migrations.Migration):
    """The history of what is done in the dashboard, which the database lets nobody change."""

    dependencies = [("accounts", "0024_customers_by_name")]

    operations = [
        migrations.CreateModel(
            "AuditEntry",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("actor_name", models.CharField(blank=True, max_length=254)),
                ("action", models.CharField(max_length=40)),
                ("seen_by", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                ("label", models.CharField(blank=True, max_length=200)),
                ("beside", models.CharField(blank=True, max_length=200)),
                ("changes", models.JSONField(default=list)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="history",
                        to="accounts.account",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "-at", "-id"], name="audit_newest"),
                    models.Index(fields=["account", "seen_by", "-at", "-id"], name="audit_seen_by"),
                    models.Index(fields=["account", "kind", "-at", "-id"], name="audit_kind"),
                    models.Index(fields=["actor", "account", "-at", "-id"], name="audit_actor"),
                    models.Index(fields=["at"], name="audit_oldest"),
                    models.Index(
                        condition=models.Q(("action__in", ["group.deleted", "membership.deleted", "staff.removed"])),
                        fields=["account", "kind", "object_id"],
                        name="audit_deletions",
                    ),
                ],
                "constraints": [
                    bookwhen.db.TextCheck(longest={}, name="audit_text", one_line=("actor_name", "label", "beside"))
                ],
            },
        ),
        migrations.CreateModel(
            "AuditObject",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="concerns",
                        to="accounts.auditentry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "kind", "object_id", "-entry"], name="audit_object_newest")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "kind", "object_id"), name="audit_object_once")
                ],
            },
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
