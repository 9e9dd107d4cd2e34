"""What a person sees of the sandbox: the payment page at `invoice_url`, and the dashboard at `/_sandbox/`.

    formats     amounts and times as people of a language write them
    texts       every sentence of the payment page, in English and Indonesian
    methods     channels as a payer knows them: names, groups, how to pay
    qr          the QR code of an invoice
    payment     what the payment page shows of an invoice
    dashboard   what the dashboard shows of the sandbox
    render      templates and files
    guard       what a form must carry to be taken
    payment_routes, dashboard_routes   the HTTP side of each

All above `guard` is pure; from there on requests and responses are Werkzeug's. The pages are nobody's brand, need no
script, load nothing from elsewhere, and show every text of an invoice as text: never as markup, an address or a style.
"""
