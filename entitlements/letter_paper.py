"""The dossier of a letter as a paper: the same facts as its page, and the same bytes for the same facts (C11.4)."""

from __future__ import annotations

from entitlements import pdf
from entitlements.dossiers import Dossier, Step
from entitlements.links import link
from entitlements.wording import moment_in_short, moment_in_words, state_of


def paper_of(one: Dossier) -> bytes:
    """The dossier as PDF."""
    letter = one.letter
    return pdf.paper(
        title=f"Letter {letter.pk}: {one.title}",
        reference=one.reference,
        address=link("letter", letter.pk),
        at=one.changed_at,
        facts=_facts(one),
        sections=[
            pdf.section("What counts as notice", text=[one.counts]),
            pdf.section("Course", table=_course(one)),
            pdf.section("What was sent: its head", facts=one.headers) if one.headers else _not_yet(),
            *([pdf.section("What was sent: its text", text=_paragraphs(one.text))] if one.text else []),
            *([pdf.section("Hashes of what was sent", hashes=_hashes(one))] if one.hashes else []),
        ],
    )


def _facts(one: Dossier) -> pdf.Facts:
    letter = one.letter
    taken = (
        f"{moment_in_words(letter.accepted_at, one.zone)}, {letter.accepted_by_server}" if letter.accepted_at else "no"
    )
    return [
        ("Number", str(letter.pk)),
        ("To", f"{letter.person}, {letter.addressee}" if letter.person else letter.addressee),
        ("About", f"{one.about}, {one.reference}"),
        ("State", f"{state_of(letter.standing).word}. {one.outcome}"),
        ("Written", moment_in_words(letter.written_at, one.zone)),
        ("Taken by the mail server", taken),
        *([("May have gone twice", "The line broke while it was sent.")] if letter.may_have_gone_twice else []),
        ("Message-ID", letter.message_id),
        *([("Governed by", one.edition)] if one.edition else []),
        ("As of the last step", moment_in_words(one.changed_at, one.zone)),
    ]


def _course(one: Dossier) -> dict[str, object]:
    rows = [[moment_in_short(step.at, one.zone, seconds=True), step.title, _words(step)] for step in one.steps]
    return pdf.table(["When", "What", "In which words"], rows, wide=2)


def _words(step: Step) -> str:
    other = f"Letter {step.other.pk} to {step.other.addressee}" if step.other else ""
    return "; ".join(filter(None, [step.host, step.reply, step.by, other]))


def _not_yet() -> dict[str, object]:
    return pdf.section(
        "What was sent", text=["Nothing is kept byte for byte: it was not sent yet, or before such was kept."]
    )


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _hashes(one: Dossier) -> list[tuple[str, str]]:
    return [(f"{part.what}, {part.size:,} bytes", f"SHA-256 {part.sha256}") for part in one.hashes]
