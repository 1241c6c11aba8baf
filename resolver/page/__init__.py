"""The passport page for people. ``page`` builds the view model of a passport; templates only lay it out.

page          the whole page; view_model: the values that the template gets
context       the passport, reader, language and regimes of the page
header        what battery this is, its code, its symbol
trust         what the verifier found, in sentences
sections      one for each dimension: entries (one row each), states (in which of five states, and why),
              values (one signed value as the content of a cell), lifecycle (what happened to the pack)
figures       which pictures a section has; charts (bars), line_chart, svg (their pieces)
reader        what is said to a reader with a role; downloads: what may be taken along
formatting    numbers, units, dates, links: pure, returning safe markup
macros        the templates whose macros write the HTML of values and pictures
wording       every sentence, a module for each part of a page
verification  the answer of the verifier page
"""
