"""What every product of the sandbox stands on: accounts, time, limits, and records that are kept, found and told of.

Standard library only, no I/O, and no product is named here. The time, chance and ids (`xendit.source`) and the place where records
are kept are handed in, so that a test or a simulated world decides about all of them.

    accounts        who is calling: API keys, permissions, sub-accounts
    announcements   what a webhook must tell
    book            Book: the records of one product, and what happens to them by themselves
    changes         what changed since a version, for whoever watches
    checks          small checks of JSON values that compose
    clock           Clock: the time, which can be stopped, set and made faster
    errors          an answer that says no
    ids             ids in the shapes of the API's
    jsontext        the JSON of a request
    ledger          records by id, and in the order of their account
    persistence     what keeps records, for those that are to survive
    quota           requests counted in a sliding minute
    retries         when a webhook is tried again
    rules           what a product declares: its routes, its book, its webhooks
    schedule        what happens by itself, and when
    shared          SharedState: one lock, one clock and one set of accounts for all products
    times           ISO 8601 as the API reads and writes it
"""
