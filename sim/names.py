"""Vocabularies of the domain, in the order of their index in arrays."""

from __future__ import annotations

OWN = 0
"""Index of the own carrier on every carrier axis."""

LEVELS = ("top", "middle", "working")
"""Levels of a customer's organisation that an account manager may see."""

DECISIONS = ("owner", "person", "group")
"""Who decides at a customer."""

CLASSES = ("A", "B", "C", "D", "X")
"""Value classes by spend with us; X is not (yet) ours."""

PLANS = ("none", "A", "B", "C")
"""Evergreen plans by their index in state arrays; 0 is no plan."""

CHANNELS = ("visit", "telephone", "online", "hall", "agent")
"""Channels that a customer expects to be served through."""

SOURCES = ("nothing", "hearsay", "settlement", "call", "visit", "truth")
"""Where knowledge of a customer's rival spend comes from, poorest first; only an oracle's book has the truth."""

INDUSTRIES = (
    "trade_computing",
    "retail",
    "wholesale",
    "school",
    "manufacturing_export",
    "manufacturing_domestic",
    "property",
    "net_cafe",
    "agency_advertising",
    "other",
)
LOCATIONS = ("special_market", "commercial_building", "residential_building", "own_premises", "managing_body")
OWNERSHIPS = ("institution", "domestic", "japan", "europe_us", "hk_macau", "taiwan")

STAGES = ("suspicion", "expectation", "first_purchase", "repeat_purchase", "advocacy")
"""Stages of loyalty (D19)."""

STEPS = ("product", "line", "bundle", "solution")
"""What a customer has with us, by how hard it is to copy (D8)."""

REASONS = ("price", "quality", "service", "relation", "image", "convenience", "bundle", "other")
"""What a line was lost for: the part of delivered value in which the new carrier exceeded us most."""

TRIGGERS = ("term_ended", "rival_called", "news", "dissatisfaction", "unprompted")
"""What most made the customer of a lost line look around."""
TIERS = ("basic", "priority", "posted")
"""Service tiers, the least first (D23)."""
