//! Starting the fake, and ordering what happens: from a test by a call, from outside by `/control/<act>`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::notices::{self, Notice, Part};
use crate::world::{Dispute, Kind, Plan, Refund, Stage, Trade, Trouble, World};
use crate::{Deliver, Now, Shared, alipay, cards, keys, router, stripe, wechatpay};

/// A running fake.
pub struct Fake {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    /// Starts the fake; `leitai` is the address to which Stripe's notices go.
    pub async fn start(
        address: SocketAddr,
        leitai: &str,
        now: Now,
        deliver: Arc<dyn Deliver>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let world = Mutex::new(World::default());
        let shared = Arc::new(Shared { world, now, base, leitai: leitai.to_owned(), deliver });
        let app = router(&shared);
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { shared, task })
    }

    /// What is shared with the routes.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Waits until the fake ends.
    pub async fn ended(mut self) {
        let _ = (&mut self.task).await;
    }

    /// The settings with which Leitai uses this fake.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        settings(&self.shared.base)
    }

    /// A payment by its number.
    pub fn trade(&self, number: &str) -> Option<Trade> {
        self.shared.world().trades.get(number).cloned()
    }

    /// Notices that wait to be sent, oldest first; they are taken out.
    pub fn outbox(&self) -> Vec<Notice> {
        self.shared.world().outbox.drain(..).collect()
    }

    /// Sends a notice and gives the status and body of the answer.
    pub async fn send(&self, notice: &Notice) -> (u16, String) {
        self.shared.deliver.deliver(notice).await
    }

    /// Sends every waiting notice once.
    pub async fn flush(&self) -> Vec<(u16, String)> {
        let mut answers = Vec::new();
        for notice in self.outbox() {
            answers.push(self.send(&notice).await);
        }
        answers
    }

    /// The buyer pays.
    pub fn pay(&self, number: &str) {
        self.shared.pay(number, None);
    }

    /// The gateway takes another amount than was demanded.
    pub fn pay_other(&self, number: &str, amount: i64) {
        self.shared.pay(number, Some(amount));
    }

    /// The buyer pays by a slow method: the money comes later (Stripe).
    pub fn pay_slowly(&self, number: &str) {
        self.shared.stage(number, Stage::Slow);
    }

    /// The payment is declined.
    pub fn decline(&self, number: &str) {
        self.shared.stage(number, Stage::Declined);
    }

    /// The bank of the card that paid a payment says no from now on, or yes again (Stripe).
    pub fn card_declines(&self, number: &str, declines: bool) {
        self.shared.card_declines(number, declines);
    }

    /// Whether the card that paid a payment was forgotten (Stripe).
    pub fn card_is_forgotten(&self, number: &str) -> bool {
        let world = self.shared.world();
        let card = world.trades.get(number).and_then(|trade| trade.card.as_ref());
        card.is_some_and(|card| world.detached.contains(&card.method))
    }

    /// Money goes back from the gateway's own console; the gateway's name of the refund.
    pub fn refund_from_console(&self, number: &str, amount: i64) -> String {
        self.shared.console_refund(number, amount)
    }

    /// The buyer's bank takes the money back (Stripe); the gateway's name of the dispute.
    pub fn dispute(&self, number: &str) -> String {
        self.shared.dispute(number, None)
    }

    /// The buyer's bank takes a part of the money back (Stripe); the gateway's name of the dispute.
    pub fn dispute_part(&self, number: &str, amount: i64) -> String {
        self.shared.dispute(number, Some(amount))
    }

    /// A dispute ends.
    pub fn end_dispute(&self, id: &str, won: bool) {
        self.shared.end_dispute(id, won);
    }

    /// Orders a fault for the next requests whose method or path contains a text.
    pub fn plan(&self, trouble: Trouble, times: u32, path: &str) {
        self.shared.world().plans.push(Plan { trouble, times, path: path.to_owned() });
    }

    /// How many requests were refused for their signature or key.
    pub fn refused(&self) -> u64 {
        self.shared.world().refused
    }

    /// Captured, and gone again by refunds and disputes, by gateway and currency.
    pub fn truth(&self) -> BTreeMap<(String, String), (i64, i64)> {
        self.shared.world().truth()
    }
}

/// The settings with which Leitai uses a fake at an address.
pub fn settings(base: &str) -> Vec<(&'static str, String)> {
    vec![
        ("PAYMENTS_MODE", "test".to_owned()),
        ("STRIPE_SECRET_KEY", keys::STRIPE_KEY.to_owned()),
        ("STRIPE_WEBHOOK_SECRET", keys::STRIPE_WEBHOOK.to_owned()),
        ("STRIPE_URL", format!("{base}/stripe")),
        ("ALIPAY_APP_ID", keys::ALIPAY_APP.to_owned()),
        ("ALIPAY_SELLER_ID", keys::ALIPAY_SELLER.to_owned()),
        ("ALIPAY_PRIVATE_KEY", keys::one_line(keys::APP_PRIVATE)),
        ("ALIPAY_PUBLIC_KEY", keys::one_line(keys::ALIPAY_PUBLIC)),
        ("ALIPAY_URL", format!("{base}/alipay/gateway.do")),
        ("WECHATPAY_APP_ID", keys::WECHAT_APP.to_owned()),
        ("WECHATPAY_MERCHANT", keys::WECHAT_MERCHANT.to_owned()),
        ("WECHATPAY_MERCHANT_SERIAL", keys::WECHAT_SERIAL.to_owned()),
        ("WECHATPAY_PRIVATE_KEY", keys::one_line(keys::MERCHANT_PRIVATE)),
        ("WECHATPAY_PLATFORM_SERIAL", keys::WECHAT_PLATFORM_SERIAL.to_owned()),
        ("WECHATPAY_PLATFORM_KEY", keys::one_line(keys::PLATFORM_PUBLIC)),
        ("WECHATPAY_API_KEY", keys::WECHAT_API_KEY.to_owned()),
        ("WECHATPAY_URL", format!("{base}/wechatpay")),
    ]
}

impl Shared {
    /// Takes the money, and tells.
    pub fn pay(&self, number: &str, other: Option<i64>) -> bool {
        let now = self.now();
        let mut world = self.world();
        world.tick(now);
        let Some(trade) = world.trades.get_mut(number) else { return false };
        let payable = matches!(trade.stage, Stage::Open | Stage::Slow)
            || (trade.stage == Stage::Declined && trade.kind != Kind::Alipay);
        if !payable {
            return false;
        }
        trade.stage = Stage::Paid;
        trade.paid_at = now;
        trade.taken = other.unwrap_or(trade.amount);
        drop(world);
        self.tell(number, "checkout.session.completed");
        true
    }

    /// Moves a payment without money, and tells.
    pub fn stage(&self, number: &str, stage: Stage) {
        let mut event = "checkout.session.completed";
        {
            let mut world = self.world();
            let Some(trade) = world.trades.get_mut(number) else { return };
            if trade.stage == Stage::Slow && stage == Stage::Declined {
                event = "checkout.session.async_payment_failed";
            }
            trade.stage = stage;
        }
        self.tell(number, event);
    }

    /// Writes the notice of where a payment stands. WeChat Pay tells of money alone.
    pub fn tell(&self, number: &str, event: &str) {
        let now = self.now();
        let mut world = self.world();
        let Some(trade) = world.trades.get(number).cloned() else { return };
        let notice = match trade.kind {
            Kind::Stripe => {
                let charge = cards::is_charge(&trade);
                let object =
                    if charge { cards::intent(&trade) } else { stripe::session(self, &trade, false) };
                let event = if charge { "payment_intent.succeeded" } else { event };
                notices::stripe(&mut world, &self.stripe_endpoint(), event, &object, now)
            }
            Kind::Alipay => notices::alipay(&mut world, &trade, &[], now),
            Kind::WechatPay if trade.stage != Stage::Paid => return,
            Kind::WechatPay => {
                let inside = wechatpay::transaction(&world, &trade);
                notices::wechatpay(&mut world, &trade.notify_url, "TRANSACTION.SUCCESS", &inside, now)
            }
        };
        world.outbox.push_back(notice);
    }

    /// The bank of a kept card says no from now on, or yes again.
    pub fn card_declines(&self, number: &str, declines: bool) {
        let mut world = self.world();
        let Some(card) = world.trades.get(number).and_then(|trade| trade.card.clone()) else { return };
        if declines {
            world.declining.insert(card.method);
        } else {
            world.declining.remove(&card.method);
        }
    }

    /// A refund from the console.
    pub fn console_refund(&self, number: &str, amount: i64) -> String {
        let now = self.now();
        let mut world = self.world();
        let Some(trade) = world.trades.get(number).cloned() else { return String::new() };
        let id = world.name(if trade.kind == Kind::Stripe { "re_" } else { "console" });
        let (kind, of) = (trade.kind, number.to_owned());
        let refund = Refund { kind, of, id: id.clone(), number: None, amount, at: now };
        world.refunds.push(refund.clone());
        let notice = match kind {
            Kind::Stripe => {
                let object = stripe::refund_object(&world, &refund);
                notices::stripe(&mut world, &self.stripe_endpoint(), "refund.created", &object, now)
            }
            Kind::Alipay => alipay::told(&mut world, &trade, id.clone(), amount, now),
            Kind::WechatPay => wechatpay::told(&mut world, &trade, &refund, now),
        };
        world.outbox.push_back(notice);
        id
    }

    /// A dispute begins.
    pub fn dispute(&self, number: &str, part: Option<i64>) -> String {
        let mut world = self.world();
        let Some(trade) = world.trades.get(number).cloned() else { return String::new() };
        let id = world.name("dp_");
        let amount = part.unwrap_or(trade.taken);
        let dispute = Dispute { of: number.to_owned(), id: id.clone(), amount, status: "needs_response" };
        self.tell_dispute(&mut world, &dispute, "charge.dispute.created");
        world.disputes.push(dispute);
        id
    }

    /// A dispute ends.
    pub fn end_dispute(&self, id: &str, won: bool) {
        let mut world = self.world();
        let Some(dispute) = world.disputes.iter_mut().find(|dispute| dispute.id == id) else { return };
        dispute.status = if won { "won" } else { "lost" };
        let dispute = dispute.clone();
        self.tell_dispute(&mut world, &dispute, "charge.dispute.closed");
    }

    fn tell_dispute(&self, world: &mut World, dispute: &Dispute, event: &str) {
        let object = stripe::dispute_object(world, dispute);
        let notice = notices::stripe(world, &self.stripe_endpoint(), event, &object, self.now());
        world.outbox.push_back(notice);
    }
}

type Wishes = BTreeMap<String, String>;

/// `/control/<act>?number=..`: what a test in another process, or a person, orders.
pub async fn door(
    State(fake): State<Arc<Shared>>,
    Path(act): Path<String>,
    Query(wishes): Query<Wishes>,
) -> Response {
    let text = |name: &str| wishes.get(name).cloned().unwrap_or_default();
    let number = |name: &str| text(name).parse::<i64>().ok();
    match act.as_str() {
        "truth" => return truth(&fake).into_response(),
        "pay" => {
            fake.pay(&text("number"), number("amount"));
        }
        "slow-payment" => fake.stage(&text("number"), Stage::Slow),
        "decline" => fake.stage(&text("number"), Stage::Declined),
        "refund" => {
            fake.console_refund(&text("number"), number("amount").unwrap_or(0));
        }
        "dispute" => {
            fake.dispute(&text("number"), number("amount"));
        }
        "card-declines" => fake.card_declines(&text("number"), text("no") != "1"),
        "end-dispute" => fake.end_dispute(&text("id"), text("won") == "1"),
        "fault" => {
            let trouble = match number("slow") {
                Some(millis) => Trouble::Slow(u64::try_from(millis).unwrap_or(0)),
                None => Trouble::Down,
            };
            let times = number("times").and_then(|times| u32::try_from(times).ok()).unwrap_or(1);
            fake.world().plans.push(Plan { trouble, times, path: text("path") });
        }
        "mend" => fake.world().plans.clear(),
        "drop" => fake.world().outbox.clear(),
        "reverse" => fake.world().outbox.make_contiguous().reverse(),
        "twice" => {
            let mut world = fake.world();
            let copies: Vec<Notice> = world.outbox.iter().cloned().collect();
            world.outbox.extend(copies);
        }
        "corrupt" => {
            let Some(part) = Part::parse(&text("part")) else {
                return StatusCode::BAD_REQUEST.into_response();
            };
            let now = fake.now();
            let mut world = fake.world();
            let spoilt: Vec<Notice> =
                world.outbox.drain(..).map(|notice| notice.corrupt(part, now)).collect();
            world.outbox.extend(spoilt);
        }
        "hold" => fake.world().held = true,
        "release" => fake.world().held = false,
        _ => return StatusCode::NOT_FOUND.into_response(),
    }
    StatusCode::NO_CONTENT.into_response()
}

fn truth(fake: &Shared) -> String {
    let world = fake.world();
    let sums: Vec<_> = world
        .truth()
        .into_iter()
        .map(|((gateway, currency), (taken, back))| {
            json!({ "gateway": gateway, "currency": currency, "captured": taken, "gone": back })
        })
        .collect();
    json!({ "sums": sums, "waiting_notices": world.outbox.len(), "refused_requests": world.refused })
        .to_string()
}
