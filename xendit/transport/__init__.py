"""How a request is sent, and whether the server may have seen it. Nothing here decides what that means.

    common    what both worlds share: limits, settings and their registry, how a request is written, gzip,
              what failures are called
    framing   reads one answer from a socket: in time, within limits, and with no doubt about where it ends
    pools     connections for threads, kept from one request to the next
    threads   the transport of ApiClient, and the time that an attempt has left
    loops     the transport of AsyncApiClient (extra `async`)
    plain, plain_loops   the same through documented interfaces alone, where a tool or a changed library makes that needed
    roads     which of them a request takes; self_check: whether the libraries still bear the first two

A client imports a transport when it first needs one.
"""
