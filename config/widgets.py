"""The widgets of which a page has dozens, put together here: Django draws each by three templates or more, in eight times as long.

The same text comes out, as a test compares; every other widget is drawn by its own templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.safestring import SafeString

Widget = Mapping[str, Any]
WHERE = "django/forms/widgets/"
INPUTS = ("checkbox", "date", "datetime", "email", "hidden", "input", "number", "password", "text", "time", "url")


class WidgetsDrawnHere(TemplatesSetting):
    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def input_of(widget: Widget) -> SafeString:
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    return SafeString(
        f'<input type="{escaped(widget["type"])}" name="{escaped(widget["name"])}"{value}{attributes(widget)}>'
    )


def textarea(widget: Widget) -> SafeString:
    text = escaped(widget["value"]) if widget["value"] else ""
    return SafeString(f'<textarea name="{escaped(widget["name"])}"{attributes(widget)}>\n{text}</textarea>')


def select(widget: Widget) -> SafeString:
    groups = "".join(_group(name, options) for name, options, _ in widget["optgroups"])
    return SafeString(f'<select name="{escaped(widget["name"])}"{attributes(widget)}>{groups}\n</select>')


def _group(name: str | None, options: list[Widget]) -> str:
    drawn = "".join(
        f'\n  <option value="{escaped(one["value"])}"{attributes(one)}>{escaped(one["label"])}</option>'
        for one in options
    )
    return f'\n  <optgroup label="{escaped(name)}">{drawn}\n  </optgroup>' if name else drawn


def attributes(widget: Widget) -> str:
    """As in a tag: True has no value, False is left out."""
    given = ((name, value) for name, value in widget["attrs"].items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{escaped(value)}"' for name, value in given)


def escaped(value: object) -> str:
    """As a template escapes a value: what is safe already stays."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


DRAWN: dict[str, Callable[[Widget], SafeString]] = {
    **{f"{WHERE}{name}.html": input_of for name in INPUTS},
    f"{WHERE}textarea.html": textarea,
    f"{WHERE}select.html": select,
}
