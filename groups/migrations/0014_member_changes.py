import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was done to many members of a group at once, so that it can be undone."""

    dependencies = [
        ("accounts", "0031_removed_dates"),
        ("groups", "0013_people_index"),
    ]

    operations = [
        migrations.CreateModel(
            name='MemberChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('remove', 'Remove from group'), ('start', 'Change start date'), ('add', 'Add to another group'), ('end', 'Change last day')], max_length=10)),
                ('key', models.UUIDField(editable=False)),
                ('anchor', models.DateField(null=True)),
                ('until', models.DateTimeField(null=True)),
                ('cancels', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('listed', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('put_back', models.PositiveIntegerField(default=0)),
                ('left_alone', models.PositiveIntegerField(default=0)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('group', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.group')),
                ('operation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.operation')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.group')),
            ],
        ),
        migrations.CreateModel(
            name='MemberChangeRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_at', models.DateTimeField(null=True)),
                ('until_before', models.DateTimeField(null=True)),
                ('anchor_before', models.DateField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('change', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='groups.memberchange')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.member')),
                ('standing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='groups.standing')),
            ],
        ),
        migrations.AddIndex(
            model_name='memberchange',
            index=models.Index(fields=['account', 'group', '-id'], name='member_change_newest'),
        ),
        migrations.AddConstraint(
            model_name='memberchange',
            constraint=models.UniqueConstraint(fields=('account', 'key'), name='member_change_once'),
        ),
        migrations.AddConstraint(
            model_name='memberchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'remove'), ('anchor__isnull', True), ('target__isnull', True), ('until__isnull', True)), models.Q(('kind', 'start'), ('cancels', False), models.Q(('anchor__isnull', True), _negated=True), ('target__isnull', True), ('until__isnull', True)), models.Q(('kind', 'add'), ('cancels', False), ('anchor__isnull', True), models.Q(('target__isnull', True), _negated=True), ('until__isnull', True)), models.Q(('kind', 'end'), ('cancels', False), ('anchor__isnull', True), ('target__isnull', True)), _connector='OR'), name='member_change_fits_kind'),
        ),
        migrations.AddConstraint(
            model_name='memberchangerow',
            constraint=models.UniqueConstraint(fields=('change', 'member'), name='member_change_row_once'),
        ),
    ]
