"""What an officer asks of the register, and the terms of a new agreement.

Invariant: every choice comes from a code list or the register; nothing is taken that the policy
would not understand, and what it refuses is said in its words.
"""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from governance.ids import ANY
from governance.permissions import DISCLOSURE_ROLES
from governance.policy import AgreementTerms
from governance.viewer import Level
from records.codes import code_list
from webapp.fields import field_label
from webapp.forms import Form, a_day, read_day, trimmed

LEVELS = {
    Level.EXISTENCE: "that something is held, and whom to ring",
    Level.HEADLINE: "what kind, when, and its state",
    Level.DETAIL: "everything but the fields withheld",
}
WITHHOLDABLE = (
    "phone",
    "email",
    "nino",
    "nhs_number",
    "upn",
    "birth_date",
    "address_line",
    "detail",
    "lead_worker",
)


def purposes() -> dict[str, str]:
    """Every purpose, emergency too: an agreement may be for it."""
    return dict(code_list("purpose").labels)


def roles() -> dict[str, str]:
    """Roles that are shown people."""
    labels = code_list("role").labels
    return {str(role): labels[str(role)] for role in DISCLOSURE_ROLES}


def _choices(found: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, words) for code, words in found.items()]


def _chosen(found: dict[str, str], everyone: str | None = None) -> list[SelectChoice]:
    """Choices of which none is made in advance: the widest must be meant."""
    first = {"": "Choose"} | ({ANY: everyone} if everyone else {})
    return _choices(first | found)


class MatrixForm(Form):
    """For users of which role, looking why."""

    class Meta:
        csrf = False  # it only asks

    role = SelectField("Acting as", widget=GovSelect(), default="practitioner")
    purpose = SelectField("Looking because", widget=GovSelect(), default="visit")
    submit = SubmitField("Show", widget=GovSubmitInput())

    def offer(self) -> None:
        """Fill the choices."""
        self.role.choices = _choices(roles())
        self.purpose.choices = _choices(purposes())


class AgreementForm(Form):
    """The terms of a new agreement."""

    title = StringField(
        "Title",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Say in a sentence what is agreed"), Length(max=200)],
    )
    giver = SelectField(
        "Who gives", widget=GovSelect(), validators=[DataRequired(message="Choose who gives")]
    )
    category = SelectField(
        "What", widget=GovSelect(), validators=[DataRequired(message="Choose what is given")]
    )
    receiver = SelectField(
        "To whom", widget=GovSelect(), validators=[DataRequired(message="Choose to whom")]
    )
    role = SelectField(
        "Acting as", widget=GovSelect(), validators=[DataRequired(message="Choose a role")]
    )
    purpose = SelectField(
        "Looking because", widget=GovSelect(), validators=[DataRequired(message="Choose a reason")]
    )
    level = SelectField(
        "How much", widget=GovSelect(), validators=[DataRequired(message="Choose how much")]
    )
    withheld = SelectMultipleField(
        "Never these fields",
        widget=GovCheckboxesInput(),
        choices=[SelectChoice(name, field_label(name)) for name in WITHHOLDABLE],
    )
    latest_only = BooleanField("Only the latest contact of each kind", widget=GovCheckboxInput())
    restricted_allowed = BooleanField(
        "Also people who must not be traced", widget=GovCheckboxInput()
    )
    since = StringField(
        "Nothing before", widget=GovTextInput(), filters=[trimmed], validators=[a_day]
    )
    window_months = IntegerField(
        "Nothing older than so many months",
        widget=GovTextInput(),
        validators=[
            Optional(),
            NumberRange(min=1, max=1200, message="Enter a number of months from 1 to 1200"),
        ],
    )
    starts = StringField(
        "First day",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Enter the first day"), a_day],
    )
    expires = StringField("Last day", widget=GovTextInput(), filters=[trimmed], validators=[a_day])
    legal_basis = TextAreaField(
        "Legal basis",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[DataRequired(message="Say on which legal basis"), Length(max=1000)],
    )
    submit = SubmitField("Propose", widget=GovSubmitInput())

    def offer(
        self, givers: dict[str, str], receivers: dict[str, str], kinds: dict[str, str]
    ) -> None:
        """Fill the choices from the register."""
        self.giver.choices = _chosen(givers)
        self.receiver.choices = _chosen(receivers, "Every agency")
        self.category.choices = _chosen(kinds, "Everything")
        self.role.choices = _chosen(roles(), "Every role")
        self.purpose.choices = _chosen(purposes(), "Every reason")
        self.level.choices = _chosen({str(int(k)): v.capitalize() for k, v in LEVELS.items()})

    def terms(self) -> AgreementTerms:
        """What was filled in; the form is valid."""
        agency, _, dataset = self.giver.data.partition("/")
        return AgreementTerms(
            giving_agency=agency,
            dataset=dataset or ANY,
            category=self.category.data,
            receiving_agency=self.receiver.data,
            role=self.role.data,
            purpose=self.purpose.data,
            level=Level(int(self.level.data)),
            withheld=frozenset(self.withheld.data or ()),
            latest_only=self.latest_only.data,
            restricted_allowed=self.restricted_allowed.data,
            since=read_day(self.since.data) if self.since.data else None,
            window_months=self.window_months.data,
            starts=read_day(self.starts.data),
            expires=read_day(self.expires.data) if self.expires.data else None,
            title=self.title.data,
            legal_basis=self.legal_basis.data,
        )


class ActForm(Form):
    """A button, and the token."""
