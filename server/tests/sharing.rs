//! Stories of who shares revenue, of entry fees in escrow, and of the prizes that they become.

use domain::competitions::CompetitionId;
use domain::orders::Thing;
use domain::refunds::Destination;
use domain::time::Span;
use futures_util::StreamExt;
use server::features::payments::gateway::{RefundTold, ReversalKind};

use crate::both;
use crate::support::moody::*;
use crate::support::shop::{self, COURSE};
use crate::support::{TestApp, stage};

/// A competition for 100 yuan that starts at ten, with prizes of 50 and 30 per cent.
async fn announced(organiser: &mut crate::support::Person) -> CompetitionId {
    let times = [("fee", "100"), ("starts", "2026-09-01T10:00")];
    stage::competition(organiser, "tumour", &times).await;
    let fields = [("competition", "tumour"), ("prizes", "50, 30")];
    organiser.posts("/api/payouts/set_prizes", &fields).await.ok();
    stage::page(organiser, "tumour").await.id
}

/// Ends the competition and makes its results final.
async fn ends(app: &TestApp, organiser: &mut crate::support::Person) {
    organiser.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
    app.wait(Span::from_micros(1));
    app.runs_jobs().await;
    organiser.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
    app.runs_jobs().await;
}

/// The address of the data of a competition, as its page gives it to an entrant.
async fn data_of(entrant: &mut crate::support::Person) -> String {
    let page = entrant.gets("/en/competitions/tumour").await.status(200).text();
    let from = page.find("/api/competitions/tumour/files/").expect("a link to the data");
    page[from..].split('"').next().unwrap().to_owned()
}

both! {
    async fn entry_fees_wait_in_escrow_and_become_prizes_once(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let id = announced(&mut ada).await;
        let entry = Thing::Competition(id);
        ada.gets("/en/competitions/tumour").await.status(200).shows("Place 1").shows("50 % of the entry fees");
        ada.gets("/zh/organise/tumour").await.status(200).shows("各名次可得报名费的百分比").shows("50, 30");
        let mut bob = bought(&app, "bob", &[entry]).await;
        let mut cyd = bought(&app, "cyd", &[entry]).await;
        let eve = bought(&app, "eve", &[entry]).await;
        let escrow = format!("prize:escrow:{id}");
        assert_eq!(holds(&app, &escrow).await, 30_000);
        request(&app, &eve, &eve.lines).await.unwrap();
        assert_eq!(holds(&app, &escrow).await, 20_000, "what is given back has left the escrow at once");
        app.wait(Span::hours(2));
        app.runs_jobs().await;
        let late = request(&app, &bob, &bob.lines).await.unwrap_err();
        assert!(late.to_string().contains("refund_started"), "{late}");
        ada.posts("/api/payouts/set_prizes", &[("competition", "tumour"), ("prizes", "1")]).await.denied("prizes_fixed");
        stage::submits(&mut bob.person, "tumour", &stage::predictions(|_| false)).await.status(303);
        stage::submits(&mut cyd.person, "tumour", &stage::predictions(|row| row < 9)).await.status(303);
        ada.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
        app.wait(Span::from_micros(1));
        app.runs_jobs().await;
        balanced(&app).await;
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
        app.runs_jobs().await;
        app.services.payouts.settle(id).await.expect("again changes nothing");
        let author = ada.actor().await;
        let won = [holds(&app, &payable(&bob.actor)).await, holds(&app, &payable(&cyd.actor)).await];
        assert_eq!((won, holds(&app, &payable(&author)).await), ([10_000, 6_000], 4_000));
        assert_eq!(holds(&app, &escrow).await, 0);
        bob.person.gets("/en/earnings").await.status(200).shows("¥100");
        app.services.payouts.request(&bob.actor, wish(10_000)).await.expect("prizes wait for nobody");
        balanced(&app).await;
    }

    async fn an_entry_that_is_given_back_submits_nothing_any_more(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let id = announced(&mut ada).await;
        let mut bob = bought(&app, "bob", &[Thing::Competition(id)]).await;
        app.wait(Span::hours(2));
        let data = data_of(&mut bob.person).await;
        bob.person.gets(&data).await.status(200);
        let mut slow = bob.person.opens(&data).await;
        let staff = app.admin("rhea").await.actor().await;
        bank.is(Mood::Slow);
        let amounts = [(bob.lines[0].to_string(), "100".to_owned())].into();
        app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        assert_ne!(bob.person.gets(&data).await.status.as_u16(), 200, "the data goes with the right");
        app.wait(Span::seconds(5));
        assert!(slow.next().await.unwrap().is_err(), "also from whoever is still reading it");
        stage::submits(&mut bob.person, "tumour", &stage::predictions(|_| false)).await.denied("not_registered");
        app.runs_jobs().await;
        app.wait(Span::minutes(1));
        app.runs_jobs().await;
        assert_eq!(stage::page(&ada, "tumour").await.row.entrants, 0, "the seat is free once the money is back");
        stage::submits(&mut bob.person, "tumour", &stage::predictions(|_| false)).await.denied("not_registered");
        balanced(&app).await;
    }

    async fn who_took_the_fee_back_wins_nothing(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let id = announced(&mut ada).await;
        let entry = Thing::Competition(id);
        let mut bob = bought(&app, "bob", &[entry]).await;
        let mut cyd = bought(&app, "cyd", &[entry]).await;
        app.wait(Span::hours(2));
        app.runs_jobs().await;
        stage::submits(&mut bob.person, "tumour", &stage::predictions(|_| false)).await.status(303);
        stage::submits(&mut cyd.person, "tumour", &stage::predictions(|row| row < 9)).await.status(303);
        app.runs_jobs().await;
        let staff = app.admin("rhea").await.actor().await;
        let amounts = [(bob.lines[0].to_string(), "100".to_owned())].into();
        // The bank takes its time; the fee has left the escrow all the same.
        bank.is(Mood::Slow);
        app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        app.runs_jobs().await;
        ada.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
        app.wait(Span::from_micros(1));
        app.runs_jobs().await;
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
        app.runs_jobs().await;
        let won = [holds(&app, &payable(&bob.actor)).await, holds(&app, &payable(&cyd.actor)).await];
        let author = ada.actor().await;
        assert_eq!((won, holds(&app, &payable(&author)).await), ([0, 3_000], 7_000), "of one fee, for the second place");
        balanced(&app).await;
    }

    async fn what_comes_back_to_an_escrow_later_is_given_out_too(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let id = announced(&mut ada).await;
        let bob = bought(&app, "bob", &[Thing::Competition(id)]).await;
        let mut cyd = bought(&app, "cyd", &[Thing::Competition(id)]).await;
        app.wait(Span::hours(2));
        app.runs_jobs().await;
        stage::submits(&mut cyd.person, "tumour", &stage::predictions(|_| false)).await.status(303);
        assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 10_000).await);
        ends(&app, &mut ada).await;
        let author = ada.actor().await;
        let got = || async { [holds(&app, &payable(&cyd.actor)).await, holds(&app, &payable(&author)).await] };
        assert_eq!(got().await, [5_000, 5_000], "of the one fee that nobody disputes");
        // The bank decides for us, long after the results are final.
        app.wait(Span::days(40));
        assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeWon, 10_000).await);
        assert_eq!(got().await, [5_000, 5_000]);
        app.runs_jobs().await;
        assert_eq!(got().await, [10_000, 10_000]);
        assert_eq!(holds(&app, &format!("prize:escrow:{id}")).await, 0);
        balanced(&app).await;
    }

    async fn prizes_wait_while_a_fee_may_still_be_taken_back(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut staff = app.admin("rhea").await;
        staff.posts("/api/refunds/bind", &[("kind", "competition"), ("policy", "week")]).await.ok();
        let mut ada = app.expert("ada").await;
        let id = announced(&mut ada).await;
        let mut bob = bought(&app, "bob", &[Thing::Competition(id)]).await;
        let cyd = bought(&app, "cyd", &[Thing::Competition(id)]).await;
        app.wait(Span::hours(2));
        app.runs_jobs().await;
        stage::submits(&mut bob.person, "tumour", &stage::predictions(|_| false)).await.status(303);
        ends(&app, &mut ada).await;
        assert_eq!(holds(&app, &payable(&bob.actor)).await, 0, "for a week everybody may change their mind");
        request(&app, &cyd, &cyd.lines).await.unwrap();
        app.runs_jobs().await;
        app.wait(Span::days(7));
        app.runs_jobs().await;
        assert_eq!(holds(&app, &payable(&bob.actor)).await, 5_000, "half of what nobody took back");
        assert_eq!(holds(&app, &format!("prize:escrow:{id}")).await, 0);
        balanced(&app).await;
    }

    async fn a_seat_comes_again_with_the_money_of_its_refund(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let id = announced(&mut ada).await;
        let entry = Thing::Competition(id);
        let bob = bought(&app, "bob", &[COURSE, entry]).await;
        let lines = server::features::orders::store::lines(&app.services.kit.db, bob.order).await.unwrap();
        let line = lines.into_iter().find(|line| line.thing == entry).unwrap().id;
        request(&app, &bob, &[line]).await.unwrap();
        app.runs_jobs().await;
        assert_eq!(stage::page(&ada, "tumour").await.row.entrants, 0);
        let refund = server::features::refunds::store::of_order(&app.services.kit.db, bob.order).await.unwrap().remove(0);
        let failed = ReversalKind::Refund { ours: Some(refund.id), told: RefundTold::Failed("closed".to_owned()) };
        assert!(tells(&app, &bob, "re_back", failed, 10_000).await);
        assert_eq!(stage::page(&ada, "tumour").await.row.entrants, 1, "the seat is theirs again");
        assert!(owns(&app, &bob.actor, entry).await && owns(&app, &bob.actor, COURSE).await);
        balanced(&app).await;
    }

    async fn what_cost_nothing_goes_with_the_last_of_the_money(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[("capacity", "1")]).await;
        let free = Thing::Competition(stage::page(&ada, "tumour").await.id);
        let mut bob = bought(&app, "bob", &[COURSE, free]).await;
        let mut cyd = app.learner("cyd").await;
        cyd.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("competition_full");
        let paid = server::features::orders::store::lines(&app.services.kit.db, bob.order).await.unwrap();
        let paid = paid.into_iter().find(|line| line.thing == COURSE).unwrap().id;
        request(&app, &bob, &[paid]).await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob.actor, free).await);
        balanced(&app).await;
        bob.person.posts("/api/competitions/register", &[("slug", "tumour")]).await.ok();
        assert!(owns(&app, &bob.actor, free).await, "whoever gave it back may come again");
        balanced(&app).await;
    }

    async fn staff_writes_who_shares_what_and_old_orders_keep_their_shares(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let ada = app.expert("ada").await.actor().await;
        let mut rhea = app.admin("rhea").await;
        let rule = |change: &[(&'static str, &'static str)]| {
            let mut fields = vec![("kind", "course"), ("product", ""), ("platform", "30"), ("owner", ""),
                ("prize_pool", ""), ("sponsor", "70"), ("sponsor_name", "ada")];
            for (name, value) in change {
                fields.iter_mut().find(|(other, _)| other == name).unwrap().1 = value;
            }
            fields
        };
        let path = "/api/payouts/set_rule";
        for (change, field, code) in [
            (&[("platform", "30.001")][..], "platform", "per_cent"),
            (&[("platform", "x")], "platform", "per_cent"),
            (&[("platform", "29.99")], "platform", "shares_not_whole"),
            (&[("sponsor_name", "")], "sponsor_name", "required"),
            (&[("sponsor_name", "nobody")], "sponsor_name", "unknown_account"),
            (&[("product", "nothing")], "product", "unknown_product"),
            (&[("kind", "bundle")], "kind", "unknown_choice"),
            (&[("kind", "plan"), ("product", "basic")], "product", "unknown_product"),
            (&[("kind", "plan"), ("sponsor", ""), ("owner", "70")], "owner", "plan_has_no_author"),
            (&[("kind", "plan"), ("sponsor", ""), ("prize_pool", "70")], "platform", "share_without_prizes"),
            (&[("sponsor", ""), ("prize_pool", "70")], "platform", "share_without_prizes"),
        ] {
            rhea.posts(path, &rule(change)).await.invalid(field, code);
        }
        // A name as it is written, whatever its letters look like.
        app.learner("mary").await;
        rhea.posts(path, &rule(&[("sponsor_name", "@Mary")])).await.ok();
        rhea.gets("/en/admin/shares").await.shows("Sponsor (mary) 70 %");
        rhea.posts("/api/payouts/remove_rule", &[("kind", "course")]).await.ok();
        bought(&app, "bob", &[COURSE]).await;
        assert_eq!((holds(&app, "platform:fee").await, holds(&app, &payable(&ada)).await), (3_900, 0));
        rhea.submits("/en/admin/shares", path, &rule(&[])).await.status(303);
        rhea.gets("/en/admin/shares").await.status(200).shows("Platform 30 % · Sponsor (ada) 70 %");
        let cyd = bought(&app, "cyd", &[COURSE]).await;
        assert_eq!((holds(&app, "platform:fee").await, holds(&app, &payable(&ada)).await), (5_070, 2_730));
        rhea.posts("/api/payouts/remove_rule", &[("kind", "course")]).await.ok();
        rhea.gets("/zh/admin/shares").await.status(200).shows("尚无规则");
        request(&app, &cyd, &cyd.lines).await.unwrap();
        app.runs_jobs().await;
        assert_eq!((holds(&app, "platform:fee").await, holds(&app, &payable(&ada)).await), (3_900, 0), "from whom it went");
        balanced(&app).await;
        let mut eve = app.learner("eve").await;
        eve.gets("/en/admin/shares").await.status(404);
        eve.posts(path, &rule(&[])).await.status(404);
        eve.posts("/api/payouts/remove_rule", &[("kind", "course")]).await.status(404);
    }

    async fn only_the_organiser_writes_the_prizes(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::draft(&mut ada, "tumour", &[("fee", "100")]).await;
        let path = "/api/payouts/set_prizes";
        for (prizes, code) in [("60, 41", "prizes_exceed"), ("x", "per_cent"), ("50, 0", "per_cent")] {
            ada.posts(path, &[("competition", "tumour"), ("prizes", prizes)]).await.invalid("prizes", code);
        }
        let many = "0.5 ".repeat(101);
        ada.posts(path, &[("competition", "tumour"), ("prizes", &many)]).await.invalid("prizes", "too_many_places");
        let mut eve = app.expert("eve").await;
        eve.posts(path, &[("competition", "tumour"), ("prizes", "50")]).await.status(404);
        ada.submits("/en/organise/tumour", path, &[("competition", "tumour"), ("prizes", "33.5")]).await.status(303);
        ada.gets("/en/organise/tumour").await.status(200).shows("33.5");
        ada.posts(path, &[("competition", "tumour"), ("prizes", "")]).await.ok();
        ada.posts(path, &[("competition", "none"), ("prizes", "50")]).await.status(404);
    }
}
