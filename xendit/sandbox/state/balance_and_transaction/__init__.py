"""The rules of balances and transactions. Pure: no I/O, standard library only.

record    a transaction as the sandbox knows it
fees      what is kept of a payment, and when it is to be settled
book      TransactionBook: made of what happens to invoices and refunds; the balances that they add up to
listing   the query of a list
bodies    what the API shows
"""
