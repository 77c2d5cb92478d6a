"""Going on to another page as a reader does: seeing it before looking for anything on it."""

from __future__ import annotations

from typing import Any


def follow(element: Any) -> None:
    """Click a link or a button that leads to another page, and wait until that page is there.

    A click alone may return before the browser has set off, and what is asked next is then asked of the page before.
    """
    with element.page.expect_navigation():
        element.click()
