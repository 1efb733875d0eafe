"""A scenario: every setting of a question about the market, composed from the settings of each domain file."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from sim.agent import AgentSettings
from sim.bond import BondSettings
from sim.campaign import Campaign
from sim.carrier import Carrier, Line
from sim.channel import ChannelSettings
from sim.choice import AttentionSettings, ChoiceSettings
from sim.contract import ContractSettings
from sim.desk import DeskSettings
from sim.errors import did_you_mean
from sim.event import EventSettings
from sim.experience import ExperienceSettings
from sim.hall import HallSettings, OnlineSettings
from sim.intake.mapping import CustomerFile
from sim.knowledge import BookSettings
from sim.loyalty import LoyaltySettings
from sim.manager import ManagerSettings
from sim.mechanism import Mechanisms
from sim.points import PointsSettings
from sim.population import CitySettings
from sim.process import Process, process_kinds
from sim.programme import PracticeSettings
from sim.quantities import Settings, located, quantity
from sim.record_groups import RecordingSettings
from sim.rivals import Rival
from sim.segment import SegmentSettings
from sim.service import ServiceSettings
from sim.substitution import SubstitutionSettings, unknown_lines
from sim.talk import TalkSettings
from sim.tastes import TruthSettings
from sim.value import ValueSettings
from sim.visit import VisitSettings


class MoneySettings(Settings):
    """How yuan are counted."""

    cost_to_serve: float = quantity(0.35, "share of the list value of usage", 0, 1)


class Scenario(Settings):
    """Every setting of the market; frozen."""

    title: str = ""
    seed: int = quantity(1, "seed", 0, 2**32 - 1, help="who lives in the city; futures have seeds of their own")
    months: int = quantity(24, "months", 1, 600, help="horizon of a run")
    burn_in: int = quantity(48, "months", 0, 600, help="months lived under today's practice before the start")
    lines: dict[str, Line]
    own: Carrier
    rivals: dict[str, Rival]
    customers: CustomerFile | None = None
    city: CitySettings = CitySettings()
    book: BookSettings = BookSettings()
    segment: SegmentSettings = SegmentSettings()
    truth: TruthSettings = TruthSettings()
    value: ValueSettings = ValueSettings()
    attention: AttentionSettings = AttentionSettings()
    choice: ChoiceSettings = ChoiceSettings()
    experience: ExperienceSettings = ExperienceSettings()
    loyalty: LoyaltySettings = LoyaltySettings()
    bond: BondSettings = BondSettings()
    talk: TalkSettings = TalkSettings()
    contract: ContractSettings = ContractSettings()
    visit: VisitSettings = VisitSettings()
    manager: ManagerSettings = ManagerSettings()
    service: ServiceSettings = ServiceSettings()
    desk: DeskSettings = DeskSettings()
    channel: ChannelSettings = ChannelSettings()
    hall: HallSettings = HallSettings()
    online: OnlineSettings = OnlineSettings()
    agent: AgentSettings = AgentSettings()
    event: EventSettings = EventSettings()
    campaigns: dict[str, Campaign] = {}
    """Campaigns of any carrier, by a name of the user's own."""
    points: PointsSettings = PointsSettings()
    substitution: SubstitutionSettings = SubstitutionSettings()
    practice: PracticeSettings = PracticeSettings()
    money: MoneySettings = MoneySettings()
    mechanisms: Mechanisms = Mechanisms()
    recording: RecordingSettings = RecordingSettings()
    processes: dict[str, Annotated[Process, process_kinds]] = {}
    """What else happens on the calendar, by a name of the user's own."""

    @model_validator(mode="after")
    def _every_carrier_serves_every_line(self) -> Scenario:
        problems: list[tuple[tuple[str, ...], str]] = []
        for name, carrier in self.carriers.items():
            place = ("own",) if name == "own" else ("rivals", name)
            for field in ("price", "quality"):
                given: dict[str, float] = getattr(carrier, field)
                missing = [line for line in self.lines if line not in given]
                problems += [((*place, field), f"no number for line '{line}'; give one") for line in missing]
                unknown = [line for line in given if line not in self.lines]
                problems += [
                    ((*place, field, line), f"unknown line; {did_you_mean(line, self.lines)}") for line in unknown
                ]
        for name, campaign in self.campaigns.items():
            if campaign.carrier not in self.carriers:
                unknown_carrier = f"unknown carrier; {did_you_mean(campaign.carrier, self.carriers)}"
                problems.append((("campaigns", name, "carrier"), unknown_carrier))
        problems += unknown_lines(self.substitution, list(self.lines))
        if not self.rivals:
            problems.append((("rivals",), "at least one rival carrier is needed; give it a name, prices and qualities"))
        if problems:
            raise located(problems)
        return self

    @property
    def carriers(self) -> dict[str, Carrier]:
        """All carriers by name, own first: the order of every carrier axis."""
        return {"own": self.own, **self.rivals}
