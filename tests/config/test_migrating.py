"""A new database's migrations render one model at a time, and code between them finds all models as they are by then."""

from __future__ import annotations

from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from config.migrating import one_model_at_a_time

ID = ("id", models.BigAutoField(primary_key=True))


def table(name: str, *fields: tuple[str, models.Field]) -> ModelState:
    return ModelState("things", name, [ID, *fields])


def test_what_is_related_is_rendered_when_code_asks_for_it() -> None:
    state = ProjectState()
    state.add_model(table("Box"))
    before = state.apps.get_model("things", "Box")

    with one_model_at_a_time():
        state.add_model(table("Thing", ("box", models.ForeignKey("things.Box", models.PROTECT))))
        assert state.apps.get_model("things", "Box") is before, "what was there is left alone"
        state.add_field("things", "box", "size", models.IntegerField(null=True), preserve_default=True)
        box, thing = (state.apps.get_model("things", name) for name in ("Box", "Thing"))
        assert box._meta.get_field("size")
        assert thing._meta.get_field("box").related_model is before, "it waits"

    state.clear_delayed_apps_cache()  # as RunPython does before it runs
    box, thing = (state.apps.get_model("things", name) for name in ("Box", "Thing"))
    assert thing._meta.get_field("box").related_model is box
    assert box._meta.get_field("size")


def test_afterwards_django_is_as_it_was() -> None:
    asked = ProjectState._find_reload_model
    with one_model_at_a_time():
        assert ProjectState._find_reload_model is not asked
    assert ProjectState._find_reload_model is asked


def test_the_command_works_so(monkeypatch) -> None:
    """P25: an update holds the locks of a table while Django renders: 9 s of it for one migration, and half a second so."""
    asked, seen = ProjectState._find_reload_model, []
    monkeypatch.setattr(Migrate, "handle", lambda *given, **options: seen.append(ProjectState._find_reload_model))

    call_command("migrate", database="owner", skip_checks=True)

    assert seen != [asked]
    assert len(seen) == 1
