//! A simulator of money: random people, orders, notices with faults, kills and restarts, on both engines.
//!
//! After every step the invariants that one statement can show hold; every hundred steps the whole audit
//! does; and once everything has come to rest the ledger agrees with the truth of the bank, cent by cent.
//! `SIMULATOR_STEPS` and `SIMULATOR_SEED` choose another length and another beginning.

#[path = "simulator/bank.rs"]
mod bank;
#[path = "simulator/draw.rs"]
mod draw;
#[path = "simulator/people.rs"]
mod people;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::money::Currency;
use domain::time::Span;
use server::db::Count;
use server::sql;

use bank::Bank;
use draw::Draw;
use people::{Cast, Outside, act, deliver};

use crate::both;
use crate::support::shop::{self, ENTRY};
use crate::support::{Engine, TestApp, moody, run};

/// Steps of one world; then another begins.
const WORLD: usize = 2_500;
/// Steps on one engine, where nobody chooses.
const STEPS: usize = 50_000;

/// One world and everybody in it.
struct World {
    app: TestApp,
    bank: Bank,
    cast: Cast,
    draw: Draw,
    /// What happened lately, for the message of a failure.
    lately: Vec<String>,
}

impl World {
    async fn new(app: TestApp, seed: u64) -> Self {
        let mut buyers = Vec::new();
        for number in 0..24 {
            buyers.push(app.learner(&format!("buyer{number}")).await.actor().await);
        }
        let author = app.expert("author").await.actor().await;
        let mut staff = Vec::new();
        for name in ["first", "second"] {
            staff.push(app.admin(name).await.actor().await);
        }
        moody::shared(&app, &author).await;
        let cast = Cast { buyers, author, staff, orders: Vec::new() };
        let world = Self { app, bank: Bank::default(), cast, draw: Draw::new(seed), lately: Vec::new() };
        world.open().await;
        world
    }

    /// What is registered in memory, after every start.
    async fn open(&self) {
        shop::open(&self.app);
        self.app.services.payments.register(Arc::new(self.bank.clone()));
        server::http::serve::schedule(&self.app.services).await.unwrap();
    }

    fn note(&mut self, what: String) {
        if self.lately.len() >= 30 {
            self.lately.remove(0);
        }
        self.lately.push(what);
    }

    /// One step: something outside, something with us, several things at once, or the end of the process.
    async fn step(&mut self) -> Result<(), String> {
        match self.draw.of(1_000) {
            0..=1 => self.dies().await?,
            2..=150 => self.crowd(false).await?,
            _ => match self.cast.outside(&mut self.draw, &self.bank) {
                Some(outside) => {
                    self.note(format!("{outside:?}"));
                    self.happens(outside);
                }
                None => self.one().await?,
            },
        }
        Ok(())
    }

    fn happens(&self, outside: Outside) {
        match outside {
            Outside::Pays(payment, odd) => self.bank.pays(payment, odd),
            Outside::Declines(payment) => self.bank.declines(payment),
            Outside::TakesBack(payment, dispute) => self.bank.takes_back(payment, dispute),
            Outside::Decides(won) => self.bank.decides(won),
            Outside::Loses(draw) => self.bank.loses(draw),
            Outside::Spoils(trouble) => self.bank.spoil(Some(trouble)),
            Outside::Waits(span) => self.app.wait(span),
        }
    }

    async fn one(&mut self) -> Result<(), String> {
        let deed = self.cast.deed(&mut self.draw, &self.bank);
        self.note(format!("{deed:?}"));
        if let Some((order, buyer)) = act(&self.app.services, &self.bank, deed, &self.cast).await? {
            self.cast.remember(order, buyer);
        }
        Ok(())
    }

    /// Several at once; each thing twice, as impatient people do. Cut short where the process dies.
    async fn crowd(&mut self, killed: bool) -> Result<(), String> {
        let mut deeds = Vec::new();
        for _ in 0..2 {
            let deed = self.cast.deed(&mut self.draw, &self.bank);
            deeds.extend([deed.clone(), deed]);
        }
        self.note(format!("at once {deeds:?}"));
        let all = deeds.into_iter().map(|deed| act(&self.app.services, &self.bank, deed, &self.cast));
        let all = futures_util::future::join_all(all);
        let done = if killed {
            let short = std::time::Duration::from_micros(u64::try_from(self.draw.of(6_000)).unwrap());
            tokio::time::timeout(short, all).await.unwrap_or_default()
        } else {
            all.await
        };
        for placed in done {
            if let Some((order, buyer)) = placed? {
                self.cast.remember(order, buyer);
            }
        }
        Ok(())
    }

    /// The process ends in the middle of what it does, and another one opens the same data.
    async fn dies(&mut self) -> Result<(), String> {
        self.crowd(true).await?;
        self.note("the process dies".to_owned());
        let old = self.app.services.kit.db.clone();
        // What was under way is undone with its connection.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(10), old.close()).await;
        self.app = self.app.restarted().await;
        self.open().await;
        Ok(())
    }

    /// The invariants that one statement can show.
    async fn holds(&self) -> Result<(), String> {
        let broken = self.app.services.kit.db.all::<Broken>(sql!(
            "select 'I1 the ledger balances' as rule from ledger_accounts group by currency
             having sum(debits) <> sum(credits) or sum(debits_pending) <> sum(credits_pending)
             union all select 'I10 nothing owed is overdrawn' from ledger_accounts
             where liability and debits + debits_pending > credits
             union all select 'I10 never more goes back than was taken' from charges c
             join refunds r on r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed'
             group by c.gateway, c.charge, c.amount having sum(r.amount) > c.amount
             union all select 'I13 no seat is sold twice' from order_lines l join orders o on o.id = l.order_id
             where o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
               and l.thing_kind = 'competition'
               and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                               where b.line_id = l.id and b.whole and r.state <> 'failed')
             group by l.thing_id having count(*) > case when l.thing_id = $1 then 3 else 1 end",
            ENTRY.uuid()
        ));
        match broken.await.map_err(|error| error.to_string())?.first() {
            Some(broken) => Err(broken.rule.clone()),
            None => Ok(()),
        }
    }

    async fn audited(&self) -> Result<(), String> {
        let report =
            server::audit::audit(&self.app.services.kit.db).await.map_err(|error| error.to_string())?;
        if report.findings.is_empty() { Ok(()) } else { Err(format!("{:?}", report.findings)) }
    }

    /// Every letter arrives and every question is answered; then the ledger agrees with the bank.
    async fn comes_to_rest(&mut self) -> Result<(), String> {
        self.bank.spoil(None);
        for _ in 0..6 {
            while let Some(letter) = self.bank.letter(0) {
                deliver(&self.app.services, &self.bank, &letter).await.map_err(|error| error.to_string())?;
                self.bank.acknowledged(&letter);
            }
            while self.app.runs_jobs().await > 0 {}
            self.app.wait(Span::hours(20));
        }
        self.audited().await?;
        for (charge, amount) in self.bank.charges() {
            let known = sql!(
                "select count(*) as n from charges where gateway = 'bank' and charge = $1 and amount = $2",
                &charge,
                amount.minor
            );
            let known =
                self.app.services.kit.db.one::<Count>(known).await.map_err(|error| error.to_string())?;
            if known.n != 1 {
                return Err(format!("I7 the bank took {amount:?} by {charge}, and we do not know"));
            }
        }
        for currency in [Currency::Cny, Currency::Usd] {
            let held = sql!(
                "select coalesce(cast(sum(debits - credits) as bigint), 0) as n from ledger_accounts
                 where name = 'gateway:bank:clearing' and currency = $1",
                currency.code()
            );
            let held =
                self.app.services.kit.db.one::<Count>(held).await.map_err(|error| error.to_string())?.n;
            let truth = self.bank.holds(currency);
            let told = self.told(currency).await?;
            if held != truth + told {
                return Err(format!(
                    "I2 the bank holds {truth} {currency:?}, alerts {told}, the ledger {held}"
                ));
            }
        }
        Ok(())
    }

    /// What the bank took back that we could not book, since we were giving it back as well or had it in
    /// suspense: a person was told of each.
    async fn told(&self, currency: Currency) -> Result<i64, String> {
        let mut told = 0;
        for (reference, amount) in self.bank.gone() {
            let count = |statement| async {
                self.app.services.kit.db.one::<Count>(statement).await.map_err(|error| error.to_string())
            };
            let booked = sql!("select count(*) as n from refunds where outside = $1", &reference);
            if amount.currency != currency || count(booked).await?.n == 1 {
                continue;
            }
            let detail = format!("bank {reference}");
            let alert = sql!(
                "select count(*) as n from money_alerts where detail = $1 and closed_at is null",
                &detail
            );
            if count(alert).await?.n == 0 {
                let became = self.became_of(&reference).await;
                return Err(format!("I7 {reference} is neither booked nor told; its notices: {became:?}"));
            }
            told += amount.minor;
        }
        Ok(told)
    }

    /// What became of the notices that name something, for the message of a failure.
    async fn became_of(&self, reference: &str) -> Vec<(String, Option<String>)> {
        let rows = self.app.services.kit.db.all::<Became>(sql!(
            "select n.body, s.state, s.reason from notices n join notice_states s on s.notice_id = n.id
             where n.gateway = 'bank'"
        ));
        let named = |row: &Became| String::from_utf8_lossy(&row.body).contains(reference);
        rows.await.unwrap().into_iter().filter(named).map(|row| (row.state, row.reason)).collect()
    }

    /// What came of it all, so that a world in which nothing happens cannot pass.
    async fn figures(&self) -> Vec<(String, i64)> {
        let found = self.app.services.kit.db.all::<Figure>(sql!(
            "select 'order ' || state as what, count(*) as n from orders group by state
             union all select 'refund ' || kind || ' ' || state, count(*) from refunds group by kind, state
             union all select 'payment ' || gateway || ' ' || state, count(*) from payments group by gateway, state
             union all select 'notice ' || state, count(*) from notice_states group by state
             union all select 'payout ' || state, count(*) from payouts group by state
             union all select 'alert ' || reason, count(*) from money_alerts group by reason
             union all select 'transfer', count(*) from transfers order by 1"
        ));
        found.await.unwrap().into_iter().map(|figure| (figure.what, figure.n)).collect()
    }

    /// Walks; what broke, and at which step.
    async fn walks(&mut self, steps: usize) -> Result<(), String> {
        for number in 1..=steps {
            let mut held = self.step().await;
            if held.is_ok() {
                held = self.holds().await;
            }
            if held.is_ok() && number % 100 == 0 {
                held = self.audited().await;
            }
            if let Err(broken) = held {
                return Err(format!("step {number}: {broken}\nlately:\n{}", self.lately.join("\n")));
            }
        }
        self.comes_to_rest().await.map_err(|broken| format!("at rest: {broken}"))
    }
}

#[derive(sqlx::FromRow)]
struct Broken {
    rule: String,
}

#[derive(sqlx::FromRow)]
struct Became {
    body: Vec<u8>,
    state: String,
    reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Figure {
    what: String,
    n: i64,
}

#[expect(clippy::disallowed_methods, reason = "a longer run by hand chooses its length")]
fn chosen(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

both! {
    async fn money_is_proven_step_by_step(app: TestApp) {
        let steps = chosen("SIMULATOR_STEPS", STEPS);
        let seed = chosen("SIMULATOR_SEED", 20_261_121);
        let mut app = app;
        let mut all = BTreeMap::new();
        for number in 0..steps.div_ceil(WORLD) {
            let seed = u64::try_from(seed + number).unwrap();
            let mut world = World::new(app.clone(), seed).await;
            let walked = world.walks(WORLD.min(steps)).await;
            if let Err(broken) = walked {
                let figures = world.figures().await;
                panic!("seed {seed} on {:?}: {broken}\n{figures:?}", app.engine);
            }
            for (what, count) in world.figures().await {
                *all.entry(what).or_insert(0) += count;
            }
            world.app.services.kit.db.close().await;
            app = TestApp::new(app.engine).await;
        }
        println!("{steps} steps on {:?} from seed {seed}: {all:?}", app.engine);
        for what in ["order paid", "order refunded", "order expired", "payment wallet confirmed", "refund lines succeeded"] {
            assert!(all.contains_key(what), "nothing came of {what}: {all:?}");
        }
    }
}

/// The twin: without the locks two of the same at once are done twice, and the simulator sees it. SQLite has
/// one writer at a time, which nobody can take away.
#[test]
fn without_the_locks_it_breaks() {
    run(Engine::Postgres, |app| async move {
        let mut world = World::new(app.unlocked().await, 20_261_121).await;
        let broken = world.walks(WORLD).await.unwrap_err();
        let first = broken.lines().next().unwrap_or_default();
        println!("{first}");
    });
}
