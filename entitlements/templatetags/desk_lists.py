"""The table of a list of the desk, in place of Django's own."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ChangeList

from entitlements.admin import table

register = template.Library()


@register.inclusion_tag("admin/list_table.html")
def list_table(changes: ChangeList) -> dict[str, Any]:
    heads = list(result_headers(changes))
    return {"heads": heads, "sorted_by": sum(head.get("sorted", False) for head in heads), "rows": table.rows(changes)}
