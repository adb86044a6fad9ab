//! Stories of the pages of the ledger: every entry can be reached, filtered and loaded as a file.

use std::collections::BTreeSet;

use domain::accounts::AccountId;
use domain::money::{Currency, Money};
use domain::payments::{Code, LedgerAccount, Posting};
use domain::time::{Span, Timestamp};
use server::features::payments::ledger::{Belongs, must_book};
use uuid::Uuid;

use crate::both;
use crate::support::{Person, TestApp};

/// Books an amount into each account, all at one moment.
async fn booked(app: &TestApp, into: impl IntoIterator<Item = (LedgerAccount, i64)>) {
    let clearing = LedgerAccount::of_gateway("sandbox");
    let posting = |(account, minor)| {
        Posting::new(clearing.clone(), account, Money::new(minor, Currency::Cny), Code::Settlement)
    };
    let kit = &app.services.kit;
    let mut tx = kit.db.begin().await.unwrap();
    let postings = into.into_iter().map(posting).collect();
    must_book(&mut tx, kit, kit.id(), postings, Belongs::default()).await.unwrap();
    tx.commit().await.unwrap();
}

/// What of some texts stands on a page.
fn seen(page: &str, texts: &BTreeSet<String>) -> BTreeSet<String> {
    texts.iter().filter(|text| page.contains(text.as_str())).cloned().collect()
}

/// The first page has as many as a page has, the second one the rest, and no entry stands on both.
async fn reaches(person: &mut Person, path: &str, texts: &BTreeSet<String>) {
    let first = person.gets(path).await.status(200).text();
    let own = path.split('?').next().unwrap();
    let next = |page: &str| {
        let links = page.split("<a href=\"").skip(1).filter_map(|link| link.split('"').next());
        let found = links.into_iter().find(|link| link.starts_with(own) && link.contains("after="));
        found.map(|link| link.replace("&amp;", "&"))
    };
    let second = next(&first).unwrap_or_else(|| panic!("{path} has no next page"));
    let second = person.gets(&second).await.status(200).text();
    assert_eq!(next(&second), None, "{path} has a third page");
    let (first, second) = (seen(&first, texts), seen(&second, texts));
    assert_eq!((first.len(), second.len()), (50, texts.len() - 50), "{path}");
    assert_eq!(first.union(&second).cloned().collect::<BTreeSet<_>>(), *texts);
}

async fn lines(person: &mut Person, query: &str) -> Vec<String> {
    let file = person.gets(&format!("/api/finance/transfers.csv{query}")).await.status(200).text();
    let mut lines = file.trim_start_matches('\u{feff}').lines().map(str::to_owned);
    assert_eq!(lines.next().as_deref(), Some("at,id,code,kind,debit,credit,amount,currency,order"));
    lines.collect()
}

both! {
    async fn every_entry_of_a_statement_can_be_reached(app: TestApp) {
        let mut bob = app.learner("bob").await;
        let account = bob.actor().await.account;
        let (credit, earned) = (LedgerAccount::CustomerCredit(account), LedgerAccount::Payable(account));
        booked(&app, (1..=53).map(|number| (credit.clone(), number * 100 + 1))).await;
        booked(&app, (101..=153).map(|number| (earned.clone(), number * 100 + 1))).await;
        let texts = |numbers: std::ops::RangeInclusive<i64>| numbers.map(|number| format!(">+¥{number}.01<")).collect();
        reaches(&mut bob, "/en/wallet", &texts(1..=53)).await;
        reaches(&mut bob, "/en/earnings", &texts(101..=153)).await;
        let mut ada = app.admin("ada").await;
        let texts: BTreeSet<String> = (1..=53).map(|number| format!(">¥{number}.01<")).collect();
        reaches(&mut ada, &format!("/en/admin/finance/transfers?account={credit}"), &texts).await;
        // The accounts themselves: two of a person, one of a gateway, and fifty of others.
        let others: Vec<_> = (1..=50).map(|number| LedgerAccount::CustomerCredit(AccountId(Uuid::from_u128(number)))).collect();
        booked(&app, others.iter().map(|other| (other.clone(), 1))).await;
        let names = others.into_iter().chain([credit, earned, LedgerAccount::of_gateway("sandbox")]);
        let names: BTreeSet<String> = names.map(|account| format!(">{account}<")).collect();
        reaches(&mut ada, "/en/admin/finance", &names).await;
    }

    async fn the_file_has_what_the_filters_leave_and_all_of_it(app: TestApp) {
        let mut ada = app.admin("ada").await;
        let account = |number| LedgerAccount::CustomerCredit(AccountId(Uuid::from_u128(number)));
        // More than are read at once, and those of the last instant of the day.
        booked(&app, (0..1_003).map(|_| (account(1), 5))).await;
        let midnight = Timestamp::from_seconds(1_788_220_800 + 86_400);
        app.wait(midnight.since(app.services.kit.now()));
        app.wait(Span::from_micros(-1));
        booked(&app, [(account(2), 7), (account(2), 8)]).await;
        app.wait(Span::from_micros(1));
        booked(&app, [(account(2), 9)]).await;
        let all = lines(&mut ada, "").await;
        let ids: BTreeSet<&str> = all.iter().map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!((all.len(), ids.len()), (1_006, 1_006), "beyond one batch, and none of them twice");
        assert!(all.is_sorted_by(|one, next| one.split(',').next() >= next.split(',').next()), "newest first");
        for (query, count) in [
            ("?until=2026-09-01", 1_005),
            ("?until=2026-08-31", 0),
            ("?from=2026-09-02", 1),
            ("?from=2026-09-01&until=2026-09-01", 1_005),
            ("?from=2026-09-02&until=2026-09-02", 1),
            (&format!("?account={}", account(2)), 3),
            (&format!("?account={}&until=2026-09-01", account(2)), 2),
            ("?account=gateway:sandbox:clearing", 1_006),
            ("?account=nothing", 0),
            ("?code=settlement&from=2026-09-02", 1),
            ("?code=sale", 0),
        ] {
            assert_eq!(lines(&mut ada, query).await.len(), count, "{query}");
        }
        let page = ada.gets(&format!("/en/admin/finance/transfers?account={}&until=2026-09-01", account(2))).await.status(200);
        page.shows(">¥0.07<").shows(">¥0.08<").hides(">¥0.09<");
        for bad in ["until=2026-02-31", "from=2026-02-31", "until=tomorrow"] {
            ada.gets(&format!("/api/finance/transfers.csv?{bad}")).await.status(422);
            ada.gets(&format!("/en/admin/finance/transfers?{bad}")).await.status(422);
        }
    }
}
