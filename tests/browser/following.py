"""Going on to another page as a reader does: seeing it before looking for anything on it.

What is asked of a page at once (its title, its address, a count, what has the focus) is answered at once, by the page before if the
browser has not set off yet, or by one that has no title yet. So whatever leads on is waited for by one of these.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def follow(element: Any) -> None:
    """Click a link or a button that leads to another page, and wait until that page is there."""
    with element.page.expect_navigation():
        element.click()


def press_enter(page: Any) -> None:
    """Press Enter on what has the focus, which leads to another page, and wait until that page is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def enter_by_link(page: Any, link: str) -> None:
    """Open a link of the demo, whose page sends itself, and wait until the customer's first page is there.

    Whoever goes on sooner breaks the sending off, and is not signed in.
    """
    page.goto(link)
    page.wait_for_url(reverse("home"))


def wait_for_focus(element: Any) -> None:
    """Wait until this has the focus: the browser moves it after the page is there, or the click done."""
    element.and_(element.page.locator(":focus")).wait_for()


def too_wide(page: Any, *widths: int) -> list[int]:
    """In windows of which of these widths (CSS pixels) the page scrolls sideways. The window keeps the last of them."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("width => innerWidth === width", arg=width)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(width)
    return found
