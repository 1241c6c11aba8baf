"""The resolver: the Flask application behind the QR code. It shows passports and never signs one.

    config        one small frozen object, refused early
    app           the application and the headers and limits that hold for every answer
    negotiation   which form and which language an answer takes; pure
    access        role credentials in, short-lived access tokens out; the only source of an audience
    state         token secret, used challenges, access log: one small SQLite file
    problems      every error as one RFC 9457 document, or a page for a person
    views/        the routes
    page/         what a person reads: wording, formatting, the view model of a passport
    wsgi          the only place that opens a store from the environment

Nothing here holds or reads an issuer key.
"""
