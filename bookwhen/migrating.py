"""What migrations need so that the site goes on while they run (docs/decisions/0033)."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AlterField
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_STATE = """
    SELECT index.indisvalid FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE class.relname = %s AND class.relnamespace = current_schema()::regnamespace
"""

_PLAIN = """
    SELECT class.relname FROM pg_index AS index
    JOIN pg_class AS class ON class.oid = index.indexrelid
    JOIN pg_class AS of ON of.oid = index.indrelid
    JOIN pg_attribute AS attribute ON attribute.attrelid = of.oid AND attribute.attnum = index.indkey[0]
    JOIN pg_opclass AS opclass ON opclass.oid = index.indclass[0]
    WHERE of.relname = %s AND of.relnamespace = current_schema()::regnamespace AND attribute.attname = %s
        AND index.indnatts = 1 AND NOT index.indisunique AND index.indpred IS NULL
        AND opclass.opcname LIKE %s
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


class DropKeyIndex(AlterField):
    """Let go of a foreign key's index of its own, which a longer one repeats, in a migration with `atomic = False`.

    Its field is the one that has `db_index=False`.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's
        to_state: ProjectState,
    ) -> None:
        """Drop it while others read and write."""
        model = to_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        _drop_plain(schema_editor, model._meta.db_table, column, "%")


class DropPatternIndex(Operation):
    """Let go of the second index that Django gives a unique text column, for LIKE: where nobody asks by that.

    In a migration with `atomic = False`.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str, column: str) -> None:
        self.table, self.column = table, column

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Do nothing: models know nothing of it."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's
        to_state: ProjectState,  # noqa: ARG002 - Django's
    ) -> None:
        """Drop it while others read and write."""
        _drop_plain(schema_editor, self.table, self.column, "%pattern_ops")

    def database_backwards(self, *_states: Any) -> None:  # noqa: ANN401 - as the others' arguments
        """Do nothing: the release before does not ask by it either."""

    def describe(self) -> str:
        """What it does, for `migrate --plan`."""
        return f"Drop the index for LIKE of {self.table}.{self.column}"


def _drop_plain(schema_editor: BaseDatabaseSchemaEditor, table: str, column: str, operators: str) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PLAIN, [table, column, operators])
        found = [name for (name,) in cursor.fetchall()]
    for name in found:
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
