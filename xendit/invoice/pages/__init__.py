"""What a person sees of invoices in the sandbox: the payment page at `invoice_url`, and the dashboard at `/_sandbox/`.

    texts       every sentence of the payment page, in English and Indonesian
    methods     channels as a payer knows them: names, groups, how to pay
    qr          the QR code of an invoice
    payment     what the payment page shows of an invoice
    dashboard   what the dashboard shows of the sandbox
    payment_routes, dashboard_routes   the HTTP side of each

All but the last two are pure; there requests and responses are Werkzeug's. What pages of any product need is in
`xendit.sandbox.pages`.
"""
