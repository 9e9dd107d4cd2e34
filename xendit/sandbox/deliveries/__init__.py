"""Webhook deliveries: what is sent when, to whom, the retries, and the log of what came of it.

    in_process   receivers in this process: an application or a function
    network      receivers behind a URL
    pending       a webhook that is sent until it is known to be received
    receiver     what a receiver is, and what every one of them gets
    record       Delivery: one attempt, in the log
    result       how an attempt ended, in the words of Xendit's dashboard
    schedule     Deliveries: the worker, the schedule and the log
    target       where a webhook may go

What a webhook says is decided in `state`; nothing here knows a product.
"""
