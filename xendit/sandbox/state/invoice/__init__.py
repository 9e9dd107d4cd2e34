"""The rules of the Invoice API, as far as the public knows them. Standard library and `state.core` only.

answers         error answers that a fault gives, because no rule for them is known
bodies          what an invoice is shown as: the answer of the API and the webhook
channels        payment channels by currency, and the kind of each
creation        the body of a create, checked and normalised
invoices        Invoices: everything that can happen to an invoice
listing         the query of a list
payments        what a payment over a channel tells of itself
record          the record of an invoice
schema          what this account admits, as JSON Schema
seeds           the invoices of a seed that someone wrote by hand
serialization   a record as JSON values and back, for files
"""
