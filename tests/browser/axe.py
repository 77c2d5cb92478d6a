"""What axe objects to on a page, for every browser test.

Contrast takes axe longer than all its other rules together, and most of a page stood on the page before. So what it has passed once, in
one scheme, it is not asked about again: an element of the same classes and colours, inside the same. Nor what it would leave out, after a
long look: an element without a text of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
PASSED: dict[str, set[int]] = {"light": set(), "dark": set()}

HAS_AXE = """() => {
    const still = new CSSStyleSheet()
    still.replaceSync("* { transition: none !important }")
    document.adoptedStyleSheets = [still]
    return Boolean(window.axe)
}"""
"""Django's admin fades from one colour to the other, also under a pointer that lies where the last click was: axe is to see the other."""

WHAT_IS_WRONG = """async ([passed, rules]) => {
    const known = new Set(passed), alike = new Map()
    const number = text => {
        let found = 0
        for (let n = 0; n < text.length; n++) found = (found * 31 + text.charCodeAt(n)) % 140737488355213
        return found
    }
    const hasText = one => one.matches("input, select, textarea")
        || [...one.childNodes].some(part => part.nodeType === Node.TEXT_NODE && part.data.trim())
    const looks = ["color", "backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode", "textShadow"]
    const sizes = ["fontSize", "fontWeight", "position", "visibility"]
    for (const one of [document.body, ...document.body.querySelectorAll("*")]) {
        const style = getComputedStyle(one), switched = [one.type, one.disabled, one.control?.disabled]
        const own = [one.tagName, ...["class", "style", "aria-disabled", "open"].map(name => one.getAttribute(name))]
        const seen = [...looks, ...sizes].map(name => style[name])
        alike.set(one, number([alike.get(one.parentElement), ...own, ...switched, ...seen].join("|")))
        one.toggleAttribute("data-passed", known.has(alike.get(one)) || !hasText(one))
    }
    axe.configure({noHtml: true, rules: [{id: "color-contrast", selector: ":not([data-passed])"}]})
    const told = {resultTypes: ["violations", "passes"], elementRef: true, selectors: false}
    const {violations, passes} = await axe.run(document, rules ? {...told, runOnly: {type: "rule", values: rules}} : told)
    const contrast = passes.filter(one => one.id === "color-contrast").flatMap(one => one.nodes)
    return {
        violations: violations.map(({id, nodes}) => `${id}: ${nodes[0].element.outerHTML.slice(0, 160)} (${nodes.length})`),
        passed: contrast.map(one => alike.get(one.element)),
    }
}"""
"""Of each element axe is asked for the element alone: to tell a selector for it and its text takes as long as all the rules."""

RULES = {"light": None, "dark": ["color-contrast"]}
"""Which rules are asked in a scheme; None: all of them."""


def violations(page: Any) -> list[str]:
    """In light, and what the dark scheme changes, the contrast; each with the first element concerned."""
    found = []
    for scheme, passed in PASSED.items():
        page.emulate_media(color_scheme=scheme)
        _bring_axe(page)
        answer = page.evaluate(WHAT_IS_WRONG, [list(passed), RULES[scheme]])
        passed.update(answer["passed"])
        found += [f"{scheme}: {one}" for one in answer["violations"]]
    return found


def _bring_axe(page: Any) -> None:
    if not page.evaluate(HAS_AXE):
        page.add_init_script(AXE)  # on every page that comes after this one
        page.evaluate(AXE)
