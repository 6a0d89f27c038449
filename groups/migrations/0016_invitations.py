"""Invitation links, and members who haven't logged in yet (docs/decisions/0075).

The database keeps when a member's customer was first seen, since the release before knows nothing of it. Who makes a
member holds its customer meanwhile, so that one who is first seen at that instant is not missed.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FOLLOW = """
CREATE FUNCTION groups_member_is_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT seen_at INTO NEW.seen_at FROM accounts_customer WHERE id = NEW.customer_id FOR SHARE;
    RETURN NEW;
END $$;
CREATE TRIGGER member_of_customer BEFORE INSERT OR UPDATE OF customer_id ON groups_member
    FOR EACH ROW EXECUTE FUNCTION groups_member_is_seen();

CREATE FUNCTION groups_follow_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE groups_member SET seen_at = NEW.seen_at WHERE customer_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_seen AFTER UPDATE OF seen_at ON accounts_customer
    FOR EACH ROW WHEN (OLD.seen_at IS DISTINCT FROM NEW.seen_at) EXECUTE FUNCTION groups_follow_seen();
"""
LET_GO = """
DROP TRIGGER member_of_customer ON groups_member;
DROP FUNCTION groups_member_is_seen();
DROP TRIGGER customer_seen ON accounts_customer;
DROP FUNCTION groups_follow_seen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0037_customer_invited"),
        ("groups", "0015_member_change_rows_of_account"),
    ]

    operations = [
        migrations.CreateModel(
            name='InvitationLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(editable=False, max_length=43, unique=True)),
                ('key', models.UUIDField(editable=False)),
                ('needs_approval', models.BooleanField(default=False, verbose_name='approve each person first')),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('most', models.PositiveIntegerField(blank=True, null=True)),
                ('joined', models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                ('created_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='JoinRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for approval'), ('joined', 'Joined'), ('declined', 'Declined')], max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='memberchange',
            name='member_change_fits_kind',
        ),
        migrations.AddField(
            model_name='member',
            name='seen_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='memberchange',
            name='kind',
            field=models.CharField(choices=[('remove', 'Remove from group'), ('start', 'Change start date'), ('add', 'Add to another group'), ('end', 'Change last day'), ('invite', 'Email how to get in')], max_length=10),
        ),
        migrations.RunSQL(FOLLOW, LET_GO),
        AddConstraintNotValid(
            model_name='memberchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'remove'), ('anchor__isnull', True), ('target__isnull', True), ('until__isnull', True)), models.Q(('kind', 'start'), ('cancels', False), models.Q(('anchor__isnull', True), _negated=True), ('target__isnull', True), ('until__isnull', True)), models.Q(('kind', 'add'), ('cancels', False), ('anchor__isnull', True), models.Q(('target__isnull', True), _negated=True), ('until__isnull', True)), models.Q(('kind', 'end'), ('cancels', False), ('anchor__isnull', True), ('target__isnull', True)), models.Q(('kind', 'invite'), ('cancels', False), ('anchor__isnull', True), ('target__isnull', True), ('until__isnull', True)), _connector='OR'), name='member_change_fits_kind'),
        ),
        migrations.AddField(
            model_name='invitationlink',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='invitationlink',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='groups.group'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.group'),
        ),
        migrations.AddField(
            model_name='joinrequest',
            name='link',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='groups.invitationlink'),
        ),
        migrations.AddConstraint(
            model_name='invitationlink',
            constraint=models.UniqueConstraint(fields=('account', 'key'), name='invitation_link_key_once'),
        ),
        migrations.AddConstraint(
            model_name='invitationlink',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at__isnull', True)), fields=('account', 'group'), name='invitation_link_one_works'),
        ),
        migrations.AddConstraint(
            model_name='invitationlink',
            constraint=models.CheckConstraint(condition=models.Q(('most__isnull', True), models.Q(('joined__lte', models.F('most')), ('most__gte', 1)), _connector='OR'), name='invitation_link_limit_holds'),
        ),
        migrations.AddIndex(
            model_name='joinrequest',
            index=models.Index(fields=['account', 'group', 'state', '-id'], name='join_request_newest'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.UniqueConstraint(fields=('link', 'customer'), name='join_request_once'),
        ),
        migrations.AddConstraint(
            model_name='joinrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('state__in', ['joined', 'declined'])), _connector='OR'), name='join_request_decided'),
        ),
    ]
