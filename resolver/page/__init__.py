"""What a person reads. ``page`` builds the view model of a passport; templates only lay it out.

    wording      every sentence, in both languages, in one table
    formatting   numbers, units, dates, links: pure, returning safe markup
    values       one signed value as the content of a cell
    states       which of the five states an entry is in, and why
    trust        what the verifier found, in sentences
    charts       inline SVG with its table
    page         all of it together
"""
