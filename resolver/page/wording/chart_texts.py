"""Captions and labels of the pictures."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- charts -------------------------------------------------------------------------------------------------------
    "chart-footprint": Message("Carbon footprint by life-cycle stage, {total} kg CO₂e/kWh"),
    "chart-footprint-cn": Message("Carbon footprint by the Chinese method, by life-cycle stage, {total} kg CO₂e/kWh"),
    "chart-footprint-most": Message("{total} kg CO₂e/kWh, most of it from: {stage}"),
    "chart-footprint-cn-most": Message("By the Chinese method {total} kg CO₂e/kWh, most of it from: {stage}"),
    "chart-range-within": Message("Per kWh of capacity, within the plausible range"),
    "chart-range-above": Message("Per kWh of capacity, above the plausible range"),
    "chart-range-below": Message("Per kWh of capacity, below the plausible range"),
    "chart-range-note": Message(
        "Footprint of the battery divided by its rated energy. Dots: the range named by {source}. It is no limit."
    ),
    "chart-range-source": Message("the Chinese draft guide of 2025"),
    "chart-range-capacity": Message("Per kWh of capacity"),
    "chart-range-this": Message("This battery"),
    "chart-range-usual": Message("Plausible range"),
    "chart-footprint-by": Message(
        "Method: {method}. System boundary: {boundary}. Figures of different methods must not be compared."
    ),
    "not-stated": Message("not stated"),
    "chart-footprint-note": Message("Per kWh delivered over the service life{sum}; not per kWh of capacity."),
    "chart-footprint-sum": Message(": {mass} kg over {energy} kWh"),
    "chart-crm": Message("Critical raw materials, share of pack mass"),
    "chart-crm-note": Message(
        "Everything the public may know of the composition. Cathode, anode and electrolyte in detail are restricted."
    ),
    "chart-crm-note-role": Message("Critical raw materials only; the detailed composition is among the entries below."),
    "chart-material": Message("Material"),
    "chart-cas": Message("CAS number"),
    "chart-mass-share": Message("Share of pack mass"),
    "other-materials": Message("Other materials"),
    "chart-recycled": Message("Recycled share per metal"),
    "chart-recycled-note": Message("Share of the metal in the active material that was recovered from waste."),
    "chart-recycled-minimum": Message("Recycled share per metal, beside the legal minimum"),
    "chart-recycled-some": Message("{met}: above the {year} minimum. {unmet}: below it"),
    "chart-recycled-all": Message("Recycled shares meet the {year} minimum"),
    "chart-recycled-none": Message("Recycled shares are below the {year} minimum"),
    "chart-minima": Message(
        "Marks: least share in the EU from {days}. They bind batteries placed on the market from then on."
    ),
    "above-minimum": Message("meets the {year} minimum"),
    "below-minimum": Message("below the {year} minimum"),
    "minimum": Message("least"),
    "from-day": Message("From {date}"),
    "chart-metal": Message("Metal"),
    "chart-soce": Message("State of certified energy (SOCE) over time, %"),
    "chart-capacity": Message("Remaining capacity over time, Ah"),
    "chart-soce-note": Message(
        "Usable energy as a share of what was certified when new; {number} read-outs, each signed when it was taken."
    ),
    "chart-capacity-note": Message("{number} read-outs, each signed when it was taken."),
    "chart-threshold": Message("{value}: exhausted, as declared for this model"),
    "chart-line-label": Message("From {first} on {start} to {last} on {end}"),
    "chart-read-on": Message("Read on"),
    "chart-late": Message("{day}, came late"),
    "life": Message("Life of this pack so far"),
    "tl-made": Message("Made", context="life"),
    "tl-service": Message("Put into service"),
    "tl-status": Message("Status: {status}"),
    "tl-negativeEvents": Message("Negative event"),
    "tl-event": Message("{name}: {severity}"),
    "tl-accidentInformation": Message("Accident"),
    "tl-read": Message("Last read-out"),
    "tl-energy": Message("{value} of certified energy"),
    "tl-cycles": Message("{value} full cycles"),
    "tl-signed": Message("Signed by {who}; signature checked"),
}
