"""The answer to a question.

Invariant: a verdict is one of three, and a question is known by an opaque id of bounded length.
"""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired, Length

from kith.labelling import VERDICTS
from webapp.forms import Form

_LONGEST = 80
_SHORT = 10


class AnswerForm(Form):
    """Which question, and what the steward says."""

    question = StringField(validators=[DataRequired(), Length(max=_LONGEST)])
    verdict = StringField(validators=[AnyOf(VERDICTS)])


class UndoForm(Form):
    """Take the last answer back. `answers` is how many there were: it tells two takings apart."""

    answers = StringField(validators=[DataRequired(), Length(max=_SHORT)])
