//! Measures `leitai audit` on a generated SQLite database: 480,000 orders of 20,000 people at 200 authors, some of them
//! given back or disputed, and 20,000 payouts; a million transfers with ids as scattered as real ones.
//!
//! `cargo run --release -p server --example audit [orders]`; ends with 1 where it takes over 30 seconds or finds
//! anything.

#![allow(clippy::disallowed_methods, reason = "a measurement reads the real clock")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use server::bus::Bus;
use server::clock::{SystemClock, SystemEntropy};
use server::db::{Around, Db, DbError, Sql};
use uuid::Uuid;

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(30);

/// In the statements below: `id(k, i)` counts on like the ids that a process makes, `mix(k, i)` is scattered like an id
/// that follows from what is booked, `author(i)` is an account, and `payable(i)` its ledger account.
fn spelt(text: &str) -> &'static str {
    let mut text = text.to_owned();
    for (name, spelt) in [
        ("id", "unhex(printf('%08x%024x', $1, $2))"),
        (
            "mix",
            "unhex(printf('%08x%08x%08x%08x', (($2) * 2654435761 + $1) & 4294967295,
             (($2) * 2246822519) & 4294967295, $1, $2))",
        ),
        ("author", "unhex(printf('%08x%024x', 9, ($1) % 200))"),
        ("payable", "printf('payable:organiser:00000009-0000-0000-0000-%012x', ($1) % 200)"),
    ] {
        while let Some(at) = text.find(&format!("{name}<")) {
            let inside = at + name.len() + 1;
            let until = inside + text[inside..].find('>').unwrap_or_default();
            let whole = text[inside..until].to_owned();
            let mut written = spelt.to_owned();
            for (place, part) in whole.split(';').enumerate() {
                written = written.replace(&format!("${}", place + 1), part.trim());
            }
            text.replace_range(at..=until, &written);
        }
    }
    text.leak()
}

/// The first `orders` numbers, as a table.
const N: &str = "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)";

const STATEMENTS: &[&str] = &[
    "{N} insert into accounts (id, username, username_key, email, email_key, display_name, bio, locale, password_hash, created_at)
     select id<8; i>, 'b' || i, 'b' || i, 'b' || i, 'b' || i, 'Bo', '', 'en', '', 0 from n where i <= 20000",
    "{N} insert into accounts (id, username, username_key, email, email_key, display_name, bio, locale, password_hash, created_at)
     select author<i>, 'a' || i, 'a' || i, 'a' || i, 'a' || i, 'Ada', '', 'en', '', 0 from n where i <= 200",
    "{N} insert into orders (id, account_id, state, currency, total, placed_at, expires_at, paid_at)
     select id<1; i>, id<8; 1 + i % 20000>, case when i % 51 = 0 then 'refunded' else 'paid' end, 'CNY', 3900, i, i, i from n",
    "insert into receipts (order_id, number, seller, buyer, issued_at) select id, paid_at, 'Leitai', 'Bo', paid_at from orders",
    "update receipt_numbers set last = $1",
    "{N} insert into order_lines (id, order_id, position, thing_kind, thing_id, title_en, title_zh, list_price, price)
     select id<2; i>, id<1; i>, 0, 'course', id<7; i % 500>, 'x', 'x', 3900, 3900 from n",
    "{N} insert into order_line_terms (line_id, policy, self_service, hours, until_start) select id<2; i>, 'week', 1, 168, 0 from n",
    "{N} insert into order_history (id, order_id, at, event, cause) select id<3; i>, id<1; i>, i, 'paid', 'notice' from n",
    "{N} insert into order_history (id, order_id, at, event, cause)
     select id<30; i>, id<1; i>, i + 5, 'refunded', 'refund' from n where i % 51 = 0",
    "{N} insert into order_line_shares (line_id, position, party, basis_points) select id<2; i>, 0, 'platform', 2000 from n",
    "{N} insert into order_line_shares (line_id, position, party, account_id, basis_points)
     select id<2; i>, 1, 'author', author<i>, 8000 from n",
    "{N} insert into payments (id, order_id, gateway, currency, amount, state, title, locale, expires_at, created_at, changed_at)
     select id<4; i>, id<1; i>, 'bank', 'CNY', 3900, 'confirmed', 'x', 'en', 0, i, i from n",
    "{N} insert into payment_history (id, payment_id, at, state, cause) select id<4; i>, id<4; i>, i, 'confirmed', 'notice' from n",
    "{N} insert into notices (id, gateway, event_id, body, received_at) select id<5; i>, 'bank', 'e' || i, x'00', i from n",
    "{N} insert into notice_states (notice_id, state, changed_at) select id<5; i>, 'applied', i from n",
    "{N} insert into charges (gateway, charge, payment_id, order_id, notice_id, currency, amount, outcome, group_id, booked_at)
     select 'bank', 'c' || i, id<4; i>, id<1; i>, id<5; i>, 'CNY', 3900, 'order', mix<6; i>, i from n",
    // What is given back, and what a bank looks at.
    "{N} insert into refunds (id, order_id, payment_id, gateway, charge, currency, amount, kind, destination, state, reason, policy, requested_at, changed_at)
     select id<11; i>, id<1; i>, id<4; i>, 'bank', 'c' || i, 'CNY', 3900, 'lines', 'gateway', 'succeeded', 'guarantee', 'week', i, i
     from n where i % 51 = 0",
    "{N} insert into refund_lines (refund_id, line_id, amount, whole) select id<11; i>, id<2; i>, 3900, 1 from n where i % 51 = 0",
    "{N} insert into refund_history (id, refund_id, at, event, cause) select id<12; i>, id<11; i>, i, 'succeeded', 'job' from n where i % 51 = 0",
    "{N} insert into refunds (id, order_id, payment_id, gateway, charge, currency, amount, kind, destination, state, reason, policy, outside, requested_at, changed_at)
     select id<13; i>, id<1; i>, id<4; i>, 'bank', 'c' || i, 'CNY', 3900, 'dispute', 'gateway', 'requested', 'dispute', '', 'd' || i, i, i
     from n where i % 510 = 7",
    "{N} insert into refund_history (id, refund_id, at, event, cause) select id<14; i>, id<13; i>, i, 'requested', 'notice' from n where i % 510 = 7",
    "{N} insert into payouts (id, account_id, currency, amount, holder, bank, state, requested_at, changed_at)
     select id<15; i>, author<i>, 'CNY', 1000, 'Ada', 'Bank', 'paid', i, i from n where i <= 20000",
    "{N} insert into payout_approvals (payout_id, staff_id, approved_at)
     select id<15; i>, id<8; k>, i from n, (select 1 as k union all select 2) where i <= 20000",
    "{N} insert into payout_history (id, payout_id, at, event, cause) select id<16; i>, id<15; i>, i, 'paid', 'staff' from n where i <= 20000",
    // The ledger: its accounts, then what moved between them.
    "{N} insert into ledger_accounts (name, currency, liability, debits, credits)
     select payable<i>, 'CNY', 1, 0, 0 from n where i <= 200",
    "insert into ledger_accounts (name, currency, liability, debits, credits)
     values ('gateway:bank:clearing', 'CNY', 0, 0, 0), ('platform:fee', 'CNY', 0, 0, 0), ('bank:clearing', 'CNY', 0, 0, 0),
            ('refund:inflight', 'CNY', 1, 0, 0), ('dispute:held', 'CNY', 0, 0, 0)",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, created_at)
     select mix<20 + k; i>, mix<6; i>, 'gateway:bank:clearing', case k when 0 then 'platform:fee' else payable<i> end, 'CNY',
            case k when 0 then 780 else 3120 end, 'sale', id<1; i>, id<2; i>, id<4; i>, i
     from n, (select 0 as k union all select 1)",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, refund_id, created_at)
     select mix<22 + k; i>, mix<17; i>, case k when 0 then 'platform:fee' else payable<i> end, 'refund:inflight', 'CNY',
            case k when 0 then 780 else 3120 end, 'refund_requested', id<1; i>, id<2; i>, id<4; i>, id<11; i>, i
     from n, (select 0 as k union all select 1) where i % 51 = 0",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, payment_id, refund_id, created_at)
     select mix<24; i>, mix<18; i>, 'refund:inflight', 'gateway:bank:clearing', 'CNY', 3900, 'refund_succeeded', id<1; i>, id<4; i>, id<11; i>, i
     from n where i % 51 = 0",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, payment_id, refund_id, created_at)
     select mix<25; i>, mix<19; i>, 'dispute:held', 'gateway:bank:clearing', 'CNY', 3900, 'disputed', id<1; i>, id<4; i>, id<13; i>, i
     from n where i % 510 = 7",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, refund_id, kind, created_at)
     select mix<26 + k; i>, mix<19; i>, case k when 0 then 'platform:fee' else payable<i> end, 'dispute:held', 'CNY',
            case k when 0 then 780 else 3120 end, 'dispute_held', id<1; i>, id<2; i>, id<4; i>, id<13; i>, 'pending', i
     from n, (select 0 as k union all select 1) where i % 510 = 7",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, payout_id, kind, created_at)
     select mix<28; i>, mix<31; i>, payable<i>, 'bank:clearing', 'CNY', 1000, 'payout', id<15; i>, 'pending', i from n where i <= 20000",
    "{N} insert into transfers (id, group_id, debit, credit, currency, amount, code, payout_id, kind, pending_id, created_at)
     select mix<29; i>, mix<32; i>, payable<i>, 'bank:clearing', 'CNY', 1000, 'payout', id<15; i>, 'post', mix<28; i>, i + 1 from n where i <= 20000",
    "update ledger_accounts set
        debits = (select coalesce(sum(amount), 0) from transfers where debit = name and kind in ('single', 'post')),
        credits = (select coalesce(sum(amount), 0) from transfers where credit = name and kind in ('single', 'post')),
        debits_pending = (select coalesce(sum(t.amount), 0) from transfers t where t.debit = name and t.kind = 'pending'
            and not exists (select 1 from transfers s where s.pending_id = t.id)),
        credits_pending = (select coalesce(sum(t.amount), 0) from transfers t where t.credit = name and t.kind = 'pending'
            and not exists (select 1 from transfers s where s.pending_id = t.id))
     where $1 > 0",
];

async fn fill(db: &Db, orders: i64) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    for statement in STATEMENTS {
        let text = spelt(&statement.replace("{N}", N));
        let args = if text.contains("$1") { vec![orders.into()] } else { Vec::new() };
        // Only SQLite can prepare these: they are not registered.
        tx.run(Sql::new(text, args)).await?;
    }
    tx.commit().await
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let orders = std::env::args().nth(1).map_or(Ok(480_000), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("leitai-audit-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let around = || Around {
        bus: Bus::new(Uuid::from_u128(1)),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy::new()),
    };
    let address = format!("sqlite:{}", folder.join("leitai.sqlite").display());
    let db = Db::connect(&address, 4, true, around()).await?;
    let begun = Instant::now();
    fill(&db, orders).await?;
    println!("made {orders} orders in {:.1} s", begun.elapsed().as_secs_f64());
    db.close().await;
    // As `leitai audit` looks.
    let db = Db::inspect(&address, around()).await?;
    let begun = Instant::now();
    let report = server::audit::audit(&db).await?;
    let took = begun.elapsed();
    println!(
        "{} checks over {} orders and {} transfers in {:.1} s, {} findings",
        report.checks,
        report.orders,
        report.transfers,
        took.as_secs_f64(),
        report.findings.len()
    );
    report.findings.iter().take(5).for_each(|finding| println!("{finding:?}"));
    db.close().await;
    std::fs::remove_dir_all(folder)?;
    let fine = took <= LIMIT && report.findings.is_empty();
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
