//! Stories of notices whose gateway cannot be asked: they are tried again, for longer than it is down.

use domain::time::Span;
use fakepay::Trouble;
use server::sql;

use crate::both;
use crate::support::bank::{self, Bank, Buyer, agrees, alerts, count};
use crate::support::shop::COURSE;

/// Somebody who has paid, and whose bank has taken the money back for good; nobody has told of the end yet.
async fn lost_dispute(bank: &Bank) -> Buyer {
    let bob = Buyer::of(bank, "bob", COURSE, "stripe").await;
    bank.fake.pay(&bob.number);
    bank.settles().await;
    let dispute = bank.fake.dispute(&bob.number);
    bank.settles().await;
    bank.fake.end_dispute(&dispute, false);
    bob
}

async fn waiting(bank: &Bank) -> i64 {
    count(&bank.app, sql!("select count(*) as n from notice_states where state = 'received'")).await
}

both! {
    async fn a_lost_dispute_outlasts_a_gateway_that_is_down_for_ten_minutes(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = lost_dispute(&bank).await;
        bank.fake.plan(Trouble::Down, 1_000, "");
        bank.settles().await;
        for minute in 0..10 {
            assert!(bob.owns(&bank.app, COURSE).await, "minute {minute}: nobody could be asked");
            bank.app.wait(Span::minutes(1));
            bank.app.runs_jobs().await;
        }
        bank.fake.shared().world().plans.clear();
        assert_eq!(waiting(&bank).await, 1);
        for _ in 0..12 {
            bank.app.wait(Span::minutes(1));
            bank.app.runs_jobs().await;
        }
        assert!(!bob.owns(&bank.app, COURSE).await, "the right went with the money, without any night");
        assert_eq!((waiting(&bank).await, alerts(&bank.app, "notice_unresolved").await), (0, 0));
        agrees(&bank).await;
    }

    async fn a_notice_that_waits_for_more_than_an_hour_is_told_until_it_is_applied(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = lost_dispute(&bank).await;
        bank.fake.plan(Trouble::Down, 10_000, "");
        bank.settles().await;
        let (mut tries, mut minute) = (Vec::new(), 0);
        for pause in (0..90).map(|_| 1).chain((0..20).map(|_| 60)) {
            let before = bank.fake.shared().world().plans[0].times;
            bank.app.wait(Span::minutes(pause));
            minute += pause;
            bank.app.runs_jobs().await;
            if bank.fake.shared().world().plans[0].times < before {
                tries.push(minute);
            }
            let told = alerts(&bank.app, "notice_unresolved").await;
            assert_eq!(told, i64::from(minute >= 81), "minute {minute}");
        }
        assert_eq!(tries, [1, 6, 21, 81, 450], "less and less often");
        let mut staff = bank.app.admin("grace").await;
        staff.gets("/en/admin/payments").await.status(200).shows("could not be applied for more than an hour");
        bank.fake.shared().world().plans.clear();
        bank.app.wait(Span::days(1));
        bank.app.runs_jobs().await;
        assert!(!bob.owns(&bank.app, COURSE).await);
        assert_eq!((waiting(&bank).await, alerts(&bank.app, "notice_unresolved").await), (0, 0), "nobody has to look any more");
        staff.gets("/en/admin/payments?reason=notice_unresolved").await.status(200).shows("Nothing matches");
        agrees(&bank).await;
    }
}
