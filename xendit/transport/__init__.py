"""How a request is sent, and whether the server may have seen it. Nothing here decides what that means.

    common                what the transports of threads and of event loops share: limits, settings and their registry,
                          writing, gzip, what failures are called
    framing               reads one answer from a socket: in time, within limits, and with no doubt about where it ends
    pools                 connections for threads, kept from one request to the next
    threads               the transport of ApiClient, and the time that an attempt has left
    loops                 the transport of AsyncApiClient (extra `async`)
    plain, plain_loops    the same through documented interfaces alone, for when a tool or a changed library makes that
                          necessary
    roads                 which of them a request takes
    self_check            whether the libraries still have what `threads` and `loops` use

A client imports a transport when it first needs one.
"""
