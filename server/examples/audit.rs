//! Measures `leitai audit` on a generated SQLite database: half a million paid orders, a million transfers.
//!
//! `cargo run --release -p server --example audit [orders]`

#![allow(clippy::disallowed_methods, reason = "a measurement reads the real clock")]

use std::sync::Arc;
use std::time::Instant;

use server::bus::Bus;
use server::clock::{SystemClock, SystemEntropy};
use server::db::{Around, Db, DbError};
use server::sql;
use uuid::Uuid;

/// What is made for each order: one line with two shares, one attempt, one notice, one charge, two transfers.
async fn fill(db: &Db, orders: i64) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "insert into accounts (id, username, username_key, email, email_key, display_name, bio, locale, password_hash, created_at)
         values (unhex(printf('%032x', 1)), 'ada', 'ada', 'a', 'a', 'Ada', '', 'en', '', 0)"
    ))
    .await?;
    tx.run(sql!(
        "insert into ledger_accounts (name, currency, liability, debits, credits)
         values ('gateway:sandbox:clearing', 'CNY', 0, 3900 * $1, 0), ('platform:fee', 'CNY', 0, 0, 780 * $1),
                ('payable:organiser:00000000-0000-0000-0000-000000000001', 'CNY', 1, 0, 3120 * $1)",
        orders
    ))
    .await?;
    for statement in [
        sql!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)
             insert into orders (id, account_id, state, currency, total, placed_at, expires_at, paid_at)
             select unhex(printf('%08x%024x', 1, i)), unhex(printf('%032x', 1)), 'paid', 'CNY', 3900, i, i, i from n",
            orders
        ),
        sql!(
            "insert into receipts (order_id, number, seller, buyer, issued_at)
             select id, paid_at, 'Leitai', 'Ada', paid_at from orders"
        ),
        sql!("update receipt_numbers set last = $1", orders),
        sql!(
            "insert into order_lines (id, order_id, position, thing_kind, thing_id, title_en, title_zh, list_price, price)
             select unhex(printf('%08x%024x', 2, paid_at)), id, 0, 'course', id, 'x', 'x', 3900, 3900 from orders"
        ),
        sql!(
            "insert into order_history (id, order_id, at, event, cause)
             select unhex(printf('%08x%024x', 3, paid_at)), id, paid_at, 'paid', 'notice' from orders"
        ),
        sql!(
            "insert into order_line_shares (line_id, position, party, basis_points)
             select unhex(printf('%08x%024x', 2, paid_at)), 0, 'platform', 10000 from orders"
        ),
        sql!(
            "insert into payments (id, order_id, gateway, currency, amount, state, title, locale, expires_at, created_at, changed_at)
             select unhex(printf('%08x%024x', 4, paid_at)), id, 'sandbox', 'CNY', 3900, 'confirmed', 'x', 'en', 0, paid_at, paid_at from orders"
        ),
        sql!(
            "insert into notices (id, gateway, event_id, body, received_at)
             select unhex(printf('%08x%024x', 5, paid_at)), 'sandbox', printf('e%d', paid_at), x'00', paid_at from orders"
        ),
        sql!(
            "insert into notice_states (notice_id, state, changed_at)
             select unhex(printf('%08x%024x', 5, paid_at)), 'applied', paid_at from orders"
        ),
        sql!(
            "insert into charges (gateway, charge, payment_id, order_id, notice_id, currency, amount, outcome, group_id, booked_at)
             select 'sandbox', printf('c%d', paid_at), unhex(printf('%08x%024x', 4, paid_at)), id,
                    unhex(printf('%08x%024x', 5, paid_at)), 'CNY', 3900, 'order', unhex(printf('%08x%024x', 6, paid_at)), paid_at from orders"
        ),
        sql!(
            "insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, created_at)
             select unhex(printf('%08x%024x', 7, paid_at)), unhex(printf('%08x%024x', 6, paid_at)), 'gateway:sandbox:clearing',
                    'platform:fee', 'CNY', 780, 'sale', id, unhex(printf('%08x%024x', 2, paid_at)),
                    unhex(printf('%08x%024x', 4, paid_at)), paid_at from orders"
        ),
        sql!(
            "insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, line_id, payment_id, created_at)
             select unhex(printf('%08x%024x', 8, paid_at)), unhex(printf('%08x%024x', 6, paid_at)), 'gateway:sandbox:clearing',
                    'payable:organiser:00000000-0000-0000-0000-000000000001', 'CNY', 3120, 'sale', id,
                    unhex(printf('%08x%024x', 2, paid_at)), unhex(printf('%08x%024x', 4, paid_at)), paid_at from orders"
        ),
    ] {
        tx.run(statement).await?;
    }
    tx.commit().await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let orders = std::env::args().nth(1).map_or(Ok(500_000), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("leitai-audit-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let around = Around {
        bus: Bus::new(Uuid::from_u128(1)),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy::new()),
    };
    let address = format!("sqlite:{}", folder.join("leitai.sqlite").display());
    let db = Db::connect(&address, 4, true, around).await?;
    let begun = Instant::now();
    fill(&db, orders).await?;
    println!("made {orders} orders in {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let report = server::audit::audit(&db).await?;
    println!(
        "{} checks over {} orders and {} transfers in {:.1} s, {} findings",
        report.checks,
        report.orders,
        report.transfers,
        begun.elapsed().as_secs_f64(),
        report.findings.len()
    );
    report.findings.iter().take(5).for_each(|finding| println!("{finding:?}"));
    db.close().await;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
