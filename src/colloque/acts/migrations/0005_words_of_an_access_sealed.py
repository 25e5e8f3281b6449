"""The free words of an access can name the person: they are sealed under the person's key and end with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("acts", "0004_reported_outcome")]

    operations = [
        migrations.RemoveField(model_name="suggestionaccess", name="words"),
        migrations.AddField(model_name="suggestionaccess", name="sealed", field=models.BinaryField(default=b"")),
    ]
