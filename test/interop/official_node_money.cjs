// Run by Node with the official SDK: balance, transactions and refunds of a paid invoice.
"use strict";

const { Xendit } = require("xendit-node");

const [url, key, invoiceId] = process.argv.slice(2);
const { Balance, Transaction, Refund } = new Xendit({ secretKey: key, xenditURL: url });

(async () => {
  const held = await Balance.getBalance({ accountType: "CASH", currency: "IDR" });
  const transactions = await Transaction.getAllTransactions({ limit: 10 });
  const one = await Transaction.getTransactionByID({ id: transactions.data[0].id });
  const made = await Refund.createRefund({
    idempotencyKey: "official-key-1",
    data: { invoiceId, referenceId: "official-1", amount: 40000, currency: "IDR", reason: "REQUESTED_BY_CUSTOMER" },
  });
  const got = await Refund.getRefund({ refundID: made.id });
  const listed = await Refund.getAllRefunds({ invoiceId, limit: 10 });
  const cancelled = await Refund.cancelRefund({ refundID: made.id });
  let problem = null;
  try {
    await Refund.createRefund({ data: { invoiceId, amount: 90000000, reason: "DUPLICATE" } });
  } catch (error) {
    problem = [String(error.status), error.errorCode];
  }
  console.log(
    JSON.stringify({
      balance: held.balance,
      transactions: transactions.data.map((each) => [each.referenceId, each.type, each.amount]),
      one: [one.id, one.fee.xenditFee, one.fee.valueAddedTax],
      made: [made.id, made.amount],
      got: got.id,
      listed: listed.data.map((each) => each.id),
      cancelled: cancelled.id,
      problem,
    }),
  );
})();
