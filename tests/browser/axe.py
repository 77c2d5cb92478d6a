"""What axe objects to on a page, for every browser test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SCHEMES: dict[str, list[str] | None] = {"light": None, "dark": ["color-contrast"]}
"""All rules in light; the dark scheme changes nothing but the contrast."""

RUN = """async asked => {
    if (!window.axe) return null
    for (const fading of document.getAnimations()) fading.finish()
    return (await axe.run(document, asked)).violations
}"""
"""Django's admin fades from one colour to the other: axe is to see the other. Without axe on the page yet: null."""


def violations(page: Any) -> list[str]:
    """In light and in dark, each with the first element concerned."""
    found = []
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in _found(page, rules)]
    return found


def _found(page: Any, rules: list[str] | None) -> list[str]:
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    asked = {"resultTypes": ["violations"], **only}
    if (found := page.evaluate(RUN, asked)) is None:
        page.add_init_script(AXE)  # on every page that comes after this one
        page.evaluate(AXE)
        found = page.evaluate(RUN, asked)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})" for one in found]
