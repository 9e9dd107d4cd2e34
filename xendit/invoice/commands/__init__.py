"""The commands about invoices that stand in the groups of all products, as `commands` of `product.py` declares them.

acting      `xendit sandbox pay`, `fail`, `settle`, `expire` and `open`
listening   `xendit webhooks listen`
triggering  `xendit trigger`
"""
