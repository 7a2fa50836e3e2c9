"""A contract whose entries are judged by the rules of this package; who opens a record opens one of these."""

from __future__ import annotations

from verifier.rules.model.context import Context, Judgement
from verifier.rules.model.record import Entry
from verifier.rules.standing.rulings import final_standing
from verifier.rules.standing.standing import base_standing


class JudgedContext(Context):
    """The rules on standing (T6, T8, A0, A1, A2, A5 and A20) ask it of other entries than the one they judge."""

    def judge(self, entry: Entry) -> Judgement:
        return final_standing(self, entry)

    def judge_without_rulings(self, entry: Entry) -> Judgement:
        return base_standing(self, entry)
