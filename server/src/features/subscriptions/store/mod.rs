//! Every statement about plans, subscriptions and their invoices.

mod entries;
mod invoices;
mod plans;
mod subscriptions;

pub use entries::{add_entry, ended_lines, orders_opened_by};
pub use invoices::{
    Billed, Invoice, Quote, add_invoice, current, drop_quote, invoice_of, invoices, is_going_back,
    open_of_account, open_of_subscription, put_quote, quote, regainable, worth,
};
pub use plans::{
    Plan, above, add_plan, change_plan, opening, opens, opens_of, plan, plan_in, plans, set_active, set_opens,
};
pub use subscriptions::{
    Subscription, add, add_history, add_trial, had_trial, had_trial_in, history, in_tx, latest, live_in,
    owner, save, subscriber,
};
