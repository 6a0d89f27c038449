from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("memberships", "0009_pauses"),
    ]

    operations = [
        migrations.AddField(
            model_name='milestone',
            name='about',
            field=models.CharField(blank=True, db_default='', default='', max_length=450),
        ),
        migrations.AddField(
            model_name='subscription',
            name='cancels_at_price',
            field=models.CharField(blank=True, db_default='', default='', max_length=255),
        ),
        migrations.AddField(
            model_name='subscription',
            name='pending_price',
            field=models.CharField(blank=True, db_default='', default='', max_length=255),
        ),
        migrations.AddField(
            model_name='subscription',
            name='pending_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='milestone',
            name='kind',
            field=models.CharField(choices=[('checkout_opened', 'Checkout started'), ('checkout_left', 'Checkout not completed'), ('started', 'Started'), ('first_paid', 'First payment after the trial'), ('renewed', 'Renewed'), ('payment_failed', 'Payment failed'), ('paid_again', 'Overdue payment received'), ('asked_to_end', 'Cancellation at period end requested'), ('asked_to_stop', 'Immediate cancellation requested'), ('asked_to_keep', 'Request to keep membership'), ('will_end', 'Set to end at period end'), ('kept', 'Cancellation undone'), ('changed', 'Changed'), ('asked_to_change', 'Change requested'), ('asked_not_to_change', 'Request to undo a change'), ('will_change', 'Set to change at the next billing date'), ('change_undone', 'Scheduled change undone'), ('change_unpaid', 'Change waiting for payment'), ('ended', 'Ended')], max_length=20),
        ),
    ]
