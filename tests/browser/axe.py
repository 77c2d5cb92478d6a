"""What axe objects to on a page, for every browser test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SCHEMES: dict[str, list[str] | None] = {"light": None, "dark": ["color-contrast"]}
"""All rules in light; the dark scheme changes nothing but the contrast."""


def violations(page: Any) -> list[str]:
    """In light and in dark, each with the first element concerned."""
    found = []
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(200)  # Django's admin fades from one colour to the other
        found += [f"{scheme}: {one}" for one in _found(page, rules)]
    return found


def _found(page: Any, rules: list[str] | None) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    result = page.evaluate("asked => axe.run(document, asked)", {"resultTypes": ["violations"], **only})
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})" for one in result["violations"]]
