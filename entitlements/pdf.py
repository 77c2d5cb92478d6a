"""Papers as PDF: a head, facts, tables and text, from one JSON text. Nothing that somebody typed is run as markup.

The same paper gives the same bytes, whenever it is asked for: the time in the file is the one handed in, the fonts are typst's own.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from entitlements.context_processors import site_facts

Facts = list[tuple[str, str]]
KEPT = 8
"""The last papers that were made: the readers of a matter get the same one, each with a letter, one after the other."""


def section(heading: str, **parts: Any) -> dict[str, Any]:
    """A part of a paper: `text` (paragraphs), `facts`, `table`, `hashes`, `working`; what is not given is left out."""
    return {"heading": heading, "text": [], "facts": [], "table": None, "hashes": [], "working": None, **parts}


def table(columns: list[str], rows: list[list[str]], *, wide: int, right: tuple[int, ...] = ()) -> dict[str, Any]:
    """A table whose column `wide` takes the room that is left; figures stand to the `right`."""
    return {"columns": columns, "rows": rows, "right": list(right), "wide": wide}


def paper(
    *, title: str, reference: str, address: str, at: datetime, facts: Facts, sections: list[dict[str, Any]]
) -> bytes:
    """The paper as PDF/UA-1, as of an instant (UTC). `address` is its page in the portal."""
    site = site_facts()
    data = {
        "title": title,
        "author": site["vendor"],
        "site": f"{site['site_name']} · {site['vendor']}",
        "reference": reference,
        "address": address,
        "facts": facts,
        "sections": sections,
    }
    return _made(json.dumps(data), int(at.timestamp()))


@lru_cache(maxsize=KEPT)
def _made(told: str, timestamp: int) -> bytes:
    import typst  # 6 MB: when it is needed

    made = typst.compile(
        _template(),
        font_paths=_fonts(),
        sys_inputs={"paper": told},
        timestamp=timestamp,
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """Those that come with typst, and no others: the bytes must not depend on the machine."""
    import typst

    return typst.Fonts(include_system_fonts=False)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return Path(settings.BASE_DIR, "templates", "pdf/paper.typ").read_bytes()
