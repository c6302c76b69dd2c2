"""The graph: its store, the projection into it, and the read models that answer from it."""

from graph.address_check import check_address
from graph.answers import (
    AddressCard,
    AddressCheck,
    Candidate,
    ContactLine,
    EgoLink,
    EgoNetwork,
    EgoNode,
    IdentityField,
    IndicatorLine,
    JoinedRecord,
    LinkedAddress,
    Occupant,
    PersonAddress,
    PersonRef,
    PersonView,
    Relationship,
    SaidValue,
    Source,
    SystemRow,
)
from graph.ego import ego_network
from graph.frames import contacts_frame, identity_frame, occupants_frame
from graph.opening import open_store
from graph.person import person
from graph.projection import ProjectionReport, ProjectionState, forget, project, projection_state
from graph.store import GraphBusyError, GraphError, GraphStore

__all__ = [
    "AddressCard",
    "AddressCheck",
    "Candidate",
    "ContactLine",
    "EgoLink",
    "EgoNetwork",
    "EgoNode",
    "GraphBusyError",
    "GraphError",
    "GraphStore",
    "IdentityField",
    "IndicatorLine",
    "JoinedRecord",
    "LinkedAddress",
    "Occupant",
    "PersonAddress",
    "PersonRef",
    "PersonView",
    "ProjectionReport",
    "ProjectionState",
    "Relationship",
    "SaidValue",
    "Source",
    "SystemRow",
    "check_address",
    "contacts_frame",
    "ego_network",
    "forget",
    "identity_frame",
    "occupants_frame",
    "open_store",
    "person",
    "project",
    "projection_state",
]
