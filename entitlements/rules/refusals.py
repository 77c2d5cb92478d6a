"""A refusal is a value: the form, the admin site and the letter show the same object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be: the clause, what stands in the way (a sentence), and what would help (a sentence, or empty)."""

    clause: str
    code: str
    sentence: str
    what_helps: str = ""

    def __str__(self) -> str:
        return f"{self.sentence} {self.what_helps}".strip()
