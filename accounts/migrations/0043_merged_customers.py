"""Where customers went who were merged into others, and what Stripe called them (docs/decisions/0071)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0042_export_records"),
        ("payments", "0008_event_of_subject"),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerStripeCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stripe_id', models.CharField(max_length=255)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='payments.connection')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=("connection", "stripe_id"), name='former_stripe_customer_once')],
            },
        ),
        migrations.CreateModel(
            name='MergedCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('former', models.BigIntegerField()),
                ('created_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=("account", "former"), name='merged_customer_once')],
            },
        ),
    ]
