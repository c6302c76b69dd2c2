"""The graph's nodes and relationships, declared once: labels, keys, and where each comes from.

Invariant: every node is found by one opaque key of ours, and every relationship by its two ends
and a `link_key` that tells parallel ones apart; so a change can be applied twice without harm.

Each `select` reads the tables of records.schema and records.resolved (and `agency`) in DuckDB.
A node's first column is its key; a relationship's first three are from_key, to_key, link_key.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NodeTable:
    """Nodes of one label."""

    table: str
    label: str
    key: str
    select: str


@dataclass(frozen=True, kw_only=True)
class LinkTable:
    """Relationships of one type between two labels. `dangling` tells a fault in the sources.

    A derived or optional link without one of its ends cannot happen and is not counted.
    """

    table: str
    relation: str
    begin: str
    end: str
    select: str


_RECORD = """record_id, share_key, agency as agency_id, dataset, source_key, local_id, given_name,
  middle_names, family_name, full_name, former_family_name, other_names, birth_date,
  birth_date_status, death_date, dead, sex, ethnicity, nhs_number, upn, uln, nino, phone, email,
  birth_place, occupation, lead_worker,
  coalesce(restricted, false) or record_id in (select record_id from restriction) as restricted,
  updated_on, load_id, file_line"""

NODES: tuple[NodeTable, ...] = (
    NodeTable(
        table="agency",
        label="Agency",
        key="agency_id",
        select="select agency_id, label, kind, ring from agency",
    ),
    NodeTable(
        table="address",
        label="Address",
        key="address_id",
        select="""select address_id, line, flat, number, street, town, postcode, uprn,
  lower(street) as street_key, latitude, longitude, small_area, kind, search_text from address""",
    ),
    NodeTable(
        table="person",
        label="Person",
        key="person_id",
        # A person is restricted if any of their records is, also one that a viewer may not see.
        select="""select person_id, given_name, family_name, full_name, birth_date, sex,
  nhs_number, restricted or person_id in (select l.person_id from link l
    join restriction x using (record_id)) as restricted, record_count from person""",
    ),
    NodeTable(
        table="record",
        label="Record",
        key="record_id",
        select=f"select {_RECORD} from record",
    ),
    NodeTable(
        table="contact",
        label="Contact",
        key="contact_id",
        select="""select contact_id, share_key, agency as agency_id, dataset, category, service,
  on_date, status, severity, reference, summary, ring, load_id, file_line,
  contact_id in (select contact_id from involvement) as has_people from contact""",
    ),
    NodeTable(
        table="indicator",
        label="Indicator",
        key="indicator_id",
        select="""select indicator_id, share_key, agency as agency_id, dataset, kind, code, value,
  severity, valid_from, valid_to, ring, load_id, file_line from indicator""",
    ),
    NodeTable(
        table="household",
        label="Household",
        key="household_id",
        select="select household_id, from_date, to_date, current from household",
    ),
)

_SPAN = "coalesce(from_date::varchar, '') || '/' || coalesce(to_date::varchar, '')"

LINKS: tuple[LinkTable, ...] = (
    LinkTable(
        table="identifies",
        relation="IDENTIFIES",
        begin="record",
        end="person",
        select="""select record_id, person_id, '', probability, decided_by, decided_on, evidence
  from link""",
    ),
    LinkTable(
        table="possibly_same",
        relation="POSSIBLY_SAME",
        begin="record",
        end="record",
        select="""select record_a, record_b, '', max(probability) as probability,
  max(reason) as reason from possible_pair group by all""",
    ),
    LinkTable(
        table="stated",
        relation="STATED",
        begin="record",
        end="record",
        select="select distinct record_id, other_id, relation as parallel, relation from statement",
    ),
    LinkTable(
        table="involved_in",
        relation="INVOLVED_IN",
        begin="record",
        end="contact",
        select="select distinct record_id, contact_id, coalesce(role, ''), role from involvement",
    ),
    LinkTable(
        table="record_shows",
        relation="SHOWS",
        begin="record",
        end="indicator",
        select="""select record_id, indicator_id, '' from indicator where record_id is not null""",
    ),
    LinkTable(
        table="record_held_by",
        relation="HELD_BY",
        begin="record",
        end="agency",
        select="select record_id, agency, '' from record",
    ),
    LinkTable(
        table="contact_held_by",
        relation="HELD_BY",
        begin="contact",
        end="agency",
        select="select contact_id, agency, '' from contact",
    ),
    LinkTable(
        table="indicator_held_by",
        relation="HELD_BY",
        begin="indicator",
        end="agency",
        select="select indicator_id, agency, '' from indicator",
    ),
    LinkTable(
        table="member_of",
        relation="MEMBER_OF",
        begin="person",
        end="household",
        select=f"""select person_id, household_id, {_SPAN}, from_date, to_date, share_keys
  from member""",
    ),
    LinkTable(
        table="occupies",
        relation="OCCUPIES",
        begin="household",
        end="address",
        select="""select household_id, address_id, '', from_date, to_date, current
  from household""",
    ),
    LinkTable(
        table="lives_at",
        relation="LIVES_AT",
        begin="person",
        end="address",
        select=f"""select person_id, address_id, {_SPAN}, from_date, to_date, current, share_keys
  from lives_at""",
    ),
    LinkTable(
        table="recorded_at",
        relation="RECORDED_AT",
        begin="record",
        end="address",
        select=f"""select record_id, address_id, {_SPAN}, from_date, to_date,
  max(updated_on) as updated_on from record_address group by all""",
    ),
    LinkTable(
        table="at",
        relation="AT",
        begin="contact",
        end="address",
        select="select distinct contact_id, address_id, '' from contact_address",
    ),
    LinkTable(
        table="address_shows",
        relation="SHOWS",
        begin="address",
        end="indicator",
        select="select distinct address_id, indicator_id, '' from indicator_address",
    ),
)
"""In the order in which they are written: what a page about a person needs, then addresses."""

NODE_OF: dict[str, NodeTable] = {node.table: node for node in NODES}
