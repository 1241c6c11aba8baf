"""The supervision desk: flows."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    "desk-flows": Message("Flows"),
    "desk-flows-left": Message(
        "In {month}, {n} pack of {tonnes} t left its vehicle.",
        plural="In {month}, {n} packs of {tonnes} t left vehicles.",
    ),
    "desk-flows-missing": Message("{tonnes} t were handed over and not received within 30 days."),
    "desk-flows-where": Message("Of these: {list}."),
    "desk-flows-place": Message("{tonnes} t in {province}"),
    "desk-month": Message("Month"),
    "desk-province-series": Message("Province of the series"),
    "desk-by-stage": Message("By stage and month"),
    "desk-from-zero": Message("each from zero; last month in full colour"),
    "desk-series-fitted": Message("Put into vehicles, packs"),
    "desk-series-out": Message("Out of vehicles, packs"),
    "desk-series-received": Message("Received into stock, packs"),
    "desk-series-recycled": Message("Recycled or made into products, packs"),
    "desk-by-province": Message("By province"),
    "desk-map-title": Message("Out of vehicles, t"),
    "desk-map-note": Message(
        "One tile a province, about where it lies; the darker, the more. — is not reported here. Swaps are left out."
    ),
    "desk-map-label": Message("Map of tiles; the figures are in the table beside it"),
    "desk-removed-packs": Message("Out, packs"),
    "desk-removed-t": Message("Out, t"),
    "desk-sent-t": Message("Handed over, t"),
    "desk-missing-t": Message("Not received, t"),
    "desk-no-province": Message("no province named"),
    "desk-total": Message("Total"),
    "desk-province-note": Message("Sorted by what was not received. A province leads to its alerts."),
    "desk-between": Message("Between provinces: the largest hand-overs that were received"),
    "desk-from-place": Message("From", context="place"),
    "desk-to-place": Message("To", context="place"),
    "desk-mass-by-stage": Message("Mass by stage"),
    "desk-sankey-title": Message("Where the mass went, t"),
    "desk-sankey-note": Message(
        "Height is mass. Dashed outline in red: what should have arrived and did not, or came out less than went in. "
        "New packs on their way to vehicles are left out. What a stage kept or drew from stock is a band of its own."
    ),
    "desk-sankey-label": Message("Flow of mass by stage; the figures are in the table under it"),
    "desk-no-flows": Message("No hand-over and no recycling was reported in this month."),
    "desk-stage-role": Message("{role}", context="stage"),
    "desk-stage-back": Message("Back or on to: {role}"),
    "desk-stage-stock": Message("Into stock"),
    "desk-stage-from-stock": Message("From stock"),
    "desk-stage-not-received": Message("Not received in 30 days"),
    "desk-stage-under-way": Message("Under way"),
    "desk-stage-recycling": Message("Into recycling"),
    "desk-stage-second-life": Message("Into second life"),
    "desk-stage-materials": Message("Materials"),
    "desk-stage-residue": Message("Residue"),
    "desk-stage-unexplained": Message("Unexplained"),
}
