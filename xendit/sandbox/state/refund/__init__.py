"""The rules of refunds. Pure: no I/O, standard library only.

record    a refund as the sandbox knows it
requests  what a request for one is refused for
book      Refunds: everything that can happen to a refund
bodies    what the API and the webhook show
answers   error codes that no rule gives
seeds     the refunds of a seed that someone wrote by hand
"""
