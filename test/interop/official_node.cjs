// Run by Node with the official SDK: creates, gets, lists and expires invoices, as its users do.
"use strict";

const { Xendit } = require("xendit-node");

const [url, key] = process.argv.slice(2);
const { Invoice } = new Xendit({ secretKey: key, xenditURL: url });

(async () => {
  const made = [];
  for (let number = 0; number < 3; number += 1) {
    made.push(
      await Invoice.createInvoice({
        data: {
          externalId: `official-${number}`,
          amount: 150000,
          currency: "IDR",
          description: "Two bags of coffee",
          invoiceDuration: 3600,
          items: [{ name: "Coffee", price: 75000, quantity: 2 }],
        },
      }),
    );
  }
  const got = await Invoice.getInvoiceById({ invoiceId: made[0].id });
  const listed = await Invoice.getInvoices({ statuses: ["PENDING", "EXPIRED"], limit: 2 });
  const after = await Invoice.getInvoices({ lastInvoice: listed[listed.length - 1].id });
  const expired = await Invoice.expireInvoice({ invoiceId: made[0].id });
  let problem = null;
  try {
    await Invoice.getInvoiceById({ invoiceId: "0".repeat(24) });
  } catch (error) {
    problem = [String(error.status), error.errorCode];
  }
  const ids = (invoices) => invoices.map((invoice) => invoice.id);
  console.log(
    JSON.stringify({
      made: ids(made),
      got: got.id,
      listed: ids(listed),
      after: ids(after),
      expired: [expired.id, expired.status],
      problem,
    }),
  );
})();
