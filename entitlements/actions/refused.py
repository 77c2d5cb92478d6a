from __future__ import annotations

from entitlements.rules.refusals import Refusal


class Refused(Exception):
    """An action may not be done; each refusal says why (clause, sentence) and what would help. Nothing was changed."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(" ".join(str(refusal) for refusal in refusals))
        self.refusals = refusals


OTHER_ANSWERS = Refusal("S13", "other_answers", "This form was sent already with other answers.", "Open it anew.")
"""X9: the same form again is the same request; with other answers it is neither, and a guess would lose one of them."""
