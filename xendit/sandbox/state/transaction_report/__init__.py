"""The rules of reports. Pure: no I/O, standard library only.

record    a report as the sandbox knows it
requests  what a request for one is refused for
book      Reports: everything that can happen to a report
table     the file: which transactions are in it, and in which columns
bodies    what the API and the webhook show
"""
