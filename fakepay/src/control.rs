//! Starting the fake, and ordering by a call what happens; from outside it is ordered through `/control`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::notices::Notice;
use crate::trouble::{Plan, Trouble};
use crate::world::{Kind, Stage, Step, Sums, Trade, World};
use crate::{Deliver, Now, Shared, alipay, keys, router};

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
        let ahead = AtomicI64::new(0);
        let shared = Arc::new(Shared { world, now, ahead, base, leitai: leitai.to_owned(), deliver });
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

    /// Notices whose time has come; they are taken out. A late one is signed when it is sent, as gateways do.
    pub fn due(&self) -> Vec<Notice> {
        let now = self.shared.now();
        let mut world = self.shared.world();
        let (due, later): (Vec<_>, Vec<_>) = world.outbox.drain(..).partition(|notice| notice.after <= now);
        world.outbox = later.into();
        let late = |notice: Notice| match notice {
            notice if notice.after > 0 && !notice.spoilt => notice.signed_at(now),
            notice => notice,
        };
        due.into_iter().map(late).collect()
    }

    /// Sends a notice and gives the status and body of the answer.
    pub async fn send(&self, notice: &Notice) -> (u16, String) {
        self.shared.deliver.deliver(notice).await
    }

    /// Sends every notice whose time has come, once.
    pub async fn flush(&self) -> Vec<(u16, String)> {
        let mut answers = Vec::new();
        for notice in self.due() {
            answers.push(self.send(&notice).await);
        }
        answers
    }

    /// The buyer pays.
    pub fn pay(&self, number: &str) {
        self.shared.pay(number, None, None);
    }

    /// The gateway takes another amount than was demanded.
    pub fn pay_other(&self, number: &str, amount: i64) {
        self.shared.pay(number, Some(amount), None);
    }

    /// The gateway takes another currency than was demanded.
    pub fn pay_in(&self, number: &str, currency: &str) {
        self.shared.pay(number, None, Some(currency));
    }

    /// The buyer pays, and the gateway says of it, when it is asked, that it belongs to another merchant.
    pub fn pay_stranger(&self, number: &str) {
        if let Some(trade) = self.shared.world().trades.get_mut(number) {
            trade.stranger = true;
        }
        self.shared.pay(number, None, None);
    }

    /// Tells once more of a payment by another event, such as `payment_intent.succeeded` (Stripe); whether it has one.
    pub fn tell(&self, number: &str, event: &str) -> bool {
        self.shared.tell_event(number, event)
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

    /// The address to which Alipay sends a buyer back, signed, whether anything was paid or not.
    pub fn signed_return(&self, number: &str) -> Option<String> {
        let trade = self.trade(number)?;
        Some(format!("{}?{}", trade.return_url, alipay::return_query(&trade, self.shared.now())))
    }

    /// Money goes back from the gateway's own console; the gateway's name of the refund.
    pub fn refund_from_console(&self, number: &str, amount: i64) -> String {
        self.shared.console_refund(number, amount, true)
    }

    /// As [`Fake::refund_from_console`], without a number of its own (Alipay).
    pub fn refund_unnamed(&self, number: &str, amount: i64) -> String {
        self.shared.console_refund(number, amount, false)
    }

    /// Where the next refunds stand that the merchant asks for.
    pub fn refunds_are(&self, step: Step, times: u32) {
        self.shared.world().refunds_as = Some((step, times));
    }

    /// A refund goes on, by the gateway's name or by the merchant's number; whether there is one.
    pub fn move_refund(&self, id: &str, step: Step) -> bool {
        self.shared.move_refund(id, step)
    }

    /// A gateway sends money to the bank of its merchant, or has it back where the amount is less than nothing.
    pub fn pay_out(&self, kind: Kind, amount: i64, currency: &str) -> String {
        self.shared.pay_out(kind, amount, currency)
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

    /// What each gateway took and let go, by currency.
    pub fn truth(&self) -> BTreeMap<(String, String), Sums> {
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
