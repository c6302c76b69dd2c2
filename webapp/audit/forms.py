"""What an officer asks of the audit.

Invariant: every field holds a choice, a day or an opaque id, so that the address of the page holds
no name and nothing typed about a person.
"""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from wtforms import Field, SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from governance.ids import is_opaque
from governance.looks import DISCLOSURES, EXPORTS, REFUSALS
from webapp.forms import Form, a_day, trimmed

VIEWS = {
    "disclosures": ("What was shown", DISCLOSURES),
    "exports": ("What was exported", EXPORTS),
    "refusals": ("What was refused", REFUSALS),
    "all": ("Everything", frozenset[str]()),
}


def _opaque(_form: Form, field: Field) -> None:
    if field.data and not is_opaque(field.data):
        raise ValidationError("Enter an id such as p_ and 24 letters and digits, not a name")


class AuditForm(Form):
    """Who, what, about whom, when."""

    class Meta:
        csrf = False  # it only asks

    view = SelectField(
        "Show",
        widget=GovSelect(),
        choices=[SelectChoice(name, words) for name, (words, _) in VIEWS.items()],
        default="disclosures",
    )
    user = SelectField("By", widget=GovSelect(), default="")
    about = StringField(
        "About the person, record or address", widget=GovTextInput(), filters=[trimmed]
    )
    since = StringField("From", widget=GovTextInput(), filters=[trimmed])
    until = StringField("To", widget=GovTextInput(), filters=[trimmed])
    submit = SubmitField("Show", widget=GovSubmitInput())

    validate_about = staticmethod(_opaque)
    validate_since = staticmethod(a_day)
    validate_until = staticmethod(a_day)
