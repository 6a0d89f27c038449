"""Leaders, locations, tags and pictures (docs/decisions/0058)."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import bookwhen.db
import bookwhen.folded

# An index can have what a leader leads in the order of the schedule only if a row beside the entry says when that is.
# The database says it, so that neither a service nor the release before can leave it behind.
FILE = """
CREATE FUNCTION tickets_file_by_schedule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT page_id, starts_at INTO NEW.page_id, NEW.starts_at FROM tickets_entry WHERE id = NEW.entry_id FOR SHARE;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_leader_filed BEFORE INSERT ON tickets_entryleader
    FOR EACH ROW EXECUTE FUNCTION tickets_file_by_schedule();
CREATE TRIGGER entry_tag_filed BEFORE INSERT ON tickets_entrytag
    FOR EACH ROW EXECUTE FUNCTION tickets_file_by_schedule();
CREATE FUNCTION tickets_file_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_entryleader SET page_id = NEW.page_id, starts_at = NEW.starts_at WHERE entry_id = NEW.id;
    UPDATE tickets_entrytag SET page_id = NEW.page_id, starts_at = NEW.starts_at WHERE entry_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_filed_again AFTER UPDATE OF page_id, starts_at ON tickets_entry FOR EACH ROW
    WHEN (OLD.page_id <> NEW.page_id OR OLD.starts_at <> NEW.starts_at) EXECUTE FUNCTION tickets_file_again();
"""
FILE_NO_MORE = """
DROP TRIGGER entry_filed_again ON tickets_entry;
DROP FUNCTION tickets_file_again();
DROP TRIGGER entry_tag_filed ON tickets_entrytag;
DROP TRIGGER entry_leader_filed ON tickets_entryleader;
DROP FUNCTION tickets_file_by_schedule();
"""
# Who changes the text alone, as the release before does, means another place.
KEEP = """
CREATE FUNCTION tickets_keep_venue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tickets_location WHERE id = NEW.venue_id AND name = NEW.location) THEN
        NEW.venue_id := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_venue_kept BEFORE UPDATE OF location ON tickets_entry FOR EACH ROW
    WHEN (NEW.venue_id IS NOT NULL AND OLD.location <> NEW.location) EXECUTE FUNCTION tickets_keep_venue();
"""
KEEP_NO_MORE = """
DROP TRIGGER entry_venue_kept ON tickets_entry;
DROP FUNCTION tickets_keep_venue();
"""


def _id() -> tuple[str, models.BigAutoField]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _key(to: str, on_delete=django.db.models.deletion.CASCADE, related_name="+", **options):
    return models.ForeignKey(on_delete=on_delete, related_name=related_name, to=to, **options)


def _once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=("account", "folded"), name=name)


def _plain(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("name__contains", ","), _negated=True)),
        name=name,
    )


def _is_link(column: str) -> models.Q:
    return models.Q((column, ""), (f"{column}__regex", "^https?://[^[:space:]]+$"), _connector="OR")


PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("accounts", "0028_leader_word"), ("tickets", "0024_move_notice")]

    operations = [
        migrations.CreateModel(
            "Leader",
            [
                _id(),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("folded", bookwhen.folded.FoldedField(editable=False, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("account", _key("accounts.account", related_name="leaders", db_index=False)),
                (
                    "staff",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leader",
                        to="accounts.staff",
                    ),
                ),
            ],
            options={
                "ordering": ["folded", "id"],
                "constraints": [
                    bookwhen.db.TextCheck(longest={}, name="leader_text", one_line=("name",)),
                    _plain("leader_name_plain"),
                    _once("leader_name_once"),
                ],
            },
        ),
        migrations.CreateModel(
            "Location",
            [
                _id(),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("folded", bookwhen.folded.FoldedField(editable=False, max_length=600)),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                ("map_link", models.URLField(blank=True, max_length=1000, verbose_name="link to a map")),
                ("online", models.BooleanField(default=False, verbose_name="online")),
                ("link", models.URLField(blank=True, max_length=1000, verbose_name="link to join")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("account", _key("accounts.account", related_name="locations", db_index=False)),
            ],
            options={
                "ordering": ["folded", "id"],
                "constraints": [
                    bookwhen.db.TextCheck(longest={}, name="location_text", one_line=("name", "address")),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="location_named"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("address", ""), ("map_link", ""), ("online", True)),
                            models.Q(("link", ""), ("online", False)),
                            _connector="OR",
                        ),
                        name="location_somewhere_or_online",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(_is_link("map_link"), _is_link("link")),
                        name="location_links_lead_to_the_web",
                    ),
                    _once("location_name_once"),
                ],
            },
        ),
        migrations.CreateModel(
            "Tag",
            [
                _id(),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("folded", bookwhen.folded.FoldedField(editable=False, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("account", _key("accounts.account", related_name="tags", db_index=False)),
            ],
            options={
                "ordering": ["folded", "id"],
                "constraints": [
                    bookwhen.db.TextCheck(longest={}, name="tag_text", one_line=("name",)),
                    _plain("tag_name_plain"),
                    _once("tag_name_once"),
                ],
            },
        ),
        migrations.CreateModel(
            "Picture",
            [
                _id(),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("alt", models.CharField(max_length=300, verbose_name="what it shows")),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("account", _key("accounts.account", related_name="pictures")),
            ],
            options={
                "constraints": [
                    bookwhen.db.TextCheck(longest={}, name="picture_text", one_line=("alt",)),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("alt", ""), _negated=True), ("height__gte", 1), ("width__gte", 1)),
                        name="picture_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "EntryLeader",
            [
                _id(),
                ("starts_at", models.DateTimeField()),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_planned", models.BooleanField(default=True)),
                ("leads", models.BooleanField(default=True)),
                ("account", _key("accounts.account")),
                ("entry", _key("tickets.entry", related_name="leading", db_index=False)),
                ("leader", _key("tickets.leader", PROTECT, "leading", db_index=False)),
                ("page", _key("accounts.schedulepage", PROTECT, db_index=False)),
            ],
            options={
                "ordering": ["position", "id"],
                "indexes": [
                    models.Index(
                        fields=["leader", "starts_at", "entry"], include=("leads",), name="entry_leader_coming"
                    ),
                    models.Index(
                        fields=["page", "leader", "starts_at", "entry"],
                        include=("leads",),
                        name="entry_leader_on_page",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "leader"), name="entry_leader_once"),
                    models.CheckConstraint(
                        condition=models.Q(("is_planned", True), ("leads", True), _connector="OR"),
                        name="entry_leader_for_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "EntryTag",
            [
                _id(),
                ("starts_at", models.DateTimeField()),
                ("account", _key("accounts.account")),
                ("entry", _key("tickets.entry", related_name="tagging", db_index=False)),
                ("page", _key("accounts.schedulepage", PROTECT, db_index=False)),
                ("tag", _key("tickets.tag", PROTECT, "tagging", db_index=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tag", "starts_at", "entry"], name="entry_tag_coming"),
                    models.Index(fields=["page", "tag", "starts_at", "entry"], name="entry_tag_on_page"),
                ],
                "constraints": [models.UniqueConstraint(fields=("entry", "tag"), name="entry_tag_once")],
            },
        ),
        migrations.AddField(
            "entry",
            "venue",
            _key("tickets.location", PROTECT, "entries", blank=True, db_index=False, null=True),
        ),
        migrations.AddField(
            "entry",
            "picture",
            _key("tickets.picture", PROTECT, "entries", blank=True, db_index=False, null=True),
        ),
        migrations.RunSQL(FILE, FILE_NO_MORE),
        migrations.RunSQL(KEEP, KEEP_NO_MORE),
    ]
