"""What the Voucher API declares of itself: a product that Xendit does not have, to show what a product takes."""

from __future__ import annotations

from xendit.products import Product

PRODUCT = Product(
    folder="voucher",
    noun="voucher",
    title="Voucher API",
    apis={"VoucherApi": "voucher_api"},
    requests=("CreateVoucherRequest",),
    answers=("Voucher",),
    callbacks=("VoucherCallback",),
    events={"voucher.redeemed": "VoucherEvent"},
    webhooks={"voucher.redeemed": ("VoucherCallback", "A voucher was redeemed")},
    sandbox_actions="VoucherActions",
)
