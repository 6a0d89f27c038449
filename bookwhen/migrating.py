"""What migrations need so that the site goes on while they run (docs/decisions/0033)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

_STATE = """
    SELECT index.indisvalid FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE class.relname = %s AND class.relnamespace = current_schema()::regnamespace
"""


class AddIndex(AddIndexConcurrently):
    """Make an index while others write to the table, in a migration with `atomic = False`; nothing where it is there.

    Where making it was cut short, PostgreSQL leaves one behind that is never used: that one is dropped and made again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make it, if it is missing or was left half-made."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_STATE, [self.index.name])
            found = cursor.fetchone()
        if found == (True,):
            return
        if found:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
