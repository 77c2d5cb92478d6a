"""Two logins, one database: the owner migrates, the application works."""

from typing import Any


class OwnerMigrates:
    """Migrations run on `owner` only; everything else uses `default`, the application's role.

    A migration that writes rows must say `using=schema_editor.connection.alias`.
    """

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
