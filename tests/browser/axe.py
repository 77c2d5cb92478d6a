"""What axe objects to on a page, for every browser test.

Contrast takes axe longer than all its other rules together, and most of a page stood on the page before. So what it has passed once, in
one scheme, it is not asked about again: an element of the same classes and colours, inside the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
PASSED: dict[str, set[int]] = {"light": set(), "dark": set()}

HAS_AXE = """() => {
    for (const fading of document.getAnimations()) fading.finish()
    return Boolean(window.axe)
}"""
"""Django's admin fades from one colour to the other: axe is to see the other."""

ALL_BUT_CONTRAST = """async () => {
    const asked = {resultTypes: ["violations"], rules: {"color-contrast": {enabled: false}}}
    return {violations: (await axe.run(document, asked)).violations, passed: []}
}"""

CONTRAST = """async passed => {
    const known = new Set(passed), alike = new Map()
    const number = text => {
        let found = 0
        for (let n = 0; n < text.length; n++) found = (found * 31 + text.charCodeAt(n)) % 140737488355213
        return found
    }
    const looks = ["color", "backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode", "textShadow"]
    const sizes = ["fontSize", "fontWeight", "position", "visibility"]
    for (const one of [document.body, ...document.body.querySelectorAll("*")]) {
        const style = getComputedStyle(one), switched = [one.type, one.disabled, one.control?.disabled]
        const own = [one.tagName, ...["class", "style", "aria-disabled", "open"].map(name => one.getAttribute(name))]
        const seen = [...looks, ...sizes].map(name => style[name])
        alike.set(one, number([alike.get(one.parentElement), ...own, ...switched, ...seen].join("|")))
        one.toggleAttribute("data-passed", known.has(alike.get(one)))
    }
    axe.configure({rules: [{id: "color-contrast", selector: ":not([data-passed])"}]})
    const only = {runOnly: {type: "rule", values: ["color-contrast"]}, elementRef: true}
    const {violations, passes} = await axe.run(document, {...only, resultTypes: ["violations", "passes"]})
    const elements = passes.flatMap(one => one.nodes).map(one => one.element)
    for (const one of violations.flatMap(one => one.nodes)) delete one.element
    return {violations, passed: elements.map(one => alike.get(one))}
}"""


def violations(page: Any) -> list[str]:
    """In light, and what the dark scheme changes, the contrast; each with the first element concerned."""
    found = []
    for scheme, passed in PASSED.items():
        page.emulate_media(color_scheme=scheme)
        _bring_axe(page)
        answers = [page.evaluate(ALL_BUT_CONTRAST)] if scheme == "light" else []
        answers.append(page.evaluate(CONTRAST, list(passed)))
        passed.update(answers[-1]["passed"])
        found += [f"{scheme}: {_in_words(one)}" for answer in answers for one in answer["violations"]]
    return found


def _bring_axe(page: Any) -> None:
    if not page.evaluate(HAS_AXE):
        page.add_init_script(AXE)  # on every page that comes after this one
        page.evaluate(AXE)


def _in_words(one: Any) -> str:
    return f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})"
