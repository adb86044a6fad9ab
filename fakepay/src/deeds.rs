//! What happens at the gateways: what buyers, banks, merchants and people at consoles do.

use crate::notices::{self, Notice};
use crate::stripe_lists::charge;
use crate::world::{Dispute, Kind, Payout, Refund, Stage, Step, Trade, World, fee};
use crate::{Shared, alipay, cards, stripe, wechatpay};

/// What Stripe keeps for its work on a dispute.
const DISPUTE_FEE: i64 = 1_500;

impl Shared {
    /// Takes the money, and tells.
    pub fn pay(&self, number: &str, other: Option<i64>, currency: Option<&str>) -> bool {
        let now = self.now();
        let mut world = self.world();
        world.tick(now);
        let Some(trade) = world.trades.get_mut(number) else { return false };
        let payable = matches!(trade.stage, Stage::Open | Stage::Slow)
            || (trade.stage == Stage::Declined && trade.kind != Kind::Alipay);
        if !payable {
            return false;
        }
        let event = match trade.stage {
            Stage::Slow => "checkout.session.async_payment_succeeded",
            _ => "checkout.session.completed",
        };
        trade.stage = Stage::Paid;
        trade.paid_at = now;
        trade.taken = other.unwrap_or(trade.amount);
        trade.fee = fee(trade.kind, trade.taken);
        if let Some(currency) = currency {
            currency.clone_into(&mut trade.currency);
        }
        drop(world);
        self.tell(number, event);
        true
    }

    /// Moves a payment without money, and tells.
    pub fn stage(&self, number: &str, stage: Stage) -> bool {
        let mut event = "checkout.session.completed";
        {
            let mut world = self.world();
            let Some(trade) = world.trades.get_mut(number) else { return false };
            if trade.stage == Stage::Slow && stage == Stage::Declined {
                event = "checkout.session.async_payment_failed";
            }
            trade.stage = stage;
        }
        self.tell(number, event);
        true
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

    /// Writes another event of Stripe about a payment: Stripe tells of one deed in several ways.
    pub fn tell_event(&self, number: &str, event: &str) -> bool {
        let now = self.now();
        let mut world = self.world();
        let trade = world.trades.get(number).filter(|trade| trade.kind == Kind::Stripe).cloned();
        let Some(trade) = trade else { return false };
        let refund = world.refunds.iter().rfind(|refund| refund.of == number);
        let object = match event.split('.').next().unwrap_or_default() {
            "checkout" => stripe::session(self, &trade, false),
            "payment_intent" => cards::intent(&trade),
            "charge" if event.starts_with("charge.refund.") || event.starts_with("charge.dispute.") => {
                return false;
            }
            "charge" => charge(&trade, false),
            "refund" => match refund {
                Some(refund) => stripe::refund_object(&world, refund),
                None => return false,
            },
            _ => return false,
        };
        let notice = notices::stripe(&mut world, &self.stripe_endpoint(), event, &object, now);
        world.outbox.push_back(notice);
        true
    }

    /// The bank of a kept card says no from now on, or yes again.
    pub fn card_declines(&self, number: &str, declines: bool) -> bool {
        let mut world = self.world();
        let card = world.trades.get(number).and_then(|trade| trade.card.clone());
        let Some(card) = card else { return false };
        if declines {
            world.declining.insert(card.method);
        } else {
            world.declining.remove(&card.method);
        }
        true
    }

    /// A refund from the console; Alipay's may be without a number.
    pub fn console_refund(&self, number: &str, amount: i64, named: bool) -> String {
        let now = self.now();
        let mut world = self.world();
        let Some(trade) = world.trades.get(number).cloned() else { return String::new() };
        let id = world.name(match trade.kind {
            Kind::Stripe => "re_",
            Kind::Alipay if !named => alipay::UNNAMED,
            _ => "console",
        });
        let (kind, of, step) = (trade.kind, number.to_owned(), Step::Succeeded);
        let fee = if kind == Kind::WechatPay { wechatpay::fee_back(&world, amount) } else { 0 };
        let refund = Refund { kind, of, id: id.clone(), number: None, amount, at: now, step, fee };
        world.refunds.push(refund.clone());
        let notice = self.of_refund(&mut world, &trade, &refund, "refund.created");
        world.outbox.extend(notice);
        id
    }

    /// A refund goes on, and its gateway tells.
    pub fn move_refund(&self, id: &str, step: Step) -> bool {
        let mut world = self.world();
        let named = |refund: &&mut Refund| refund.id == id || refund.number.as_deref() == Some(id);
        let Some(refund) = world.refunds.iter_mut().find(named) else { return false };
        refund.step = step;
        let refund = refund.clone();
        let Some(trade) = world.trades.get(&refund.of).cloned() else { return false };
        let event = if step == Step::Failed { "refund.failed" } else { "refund.updated" };
        let notice = self.of_refund(&mut world, &trade, &refund, event);
        world.outbox.extend(notice);
        true
    }

    /// The notice of where a refund stands. Alipay tells of what it gave back alone.
    fn of_refund(&self, world: &mut World, trade: &Trade, refund: &Refund, event: &str) -> Option<Notice> {
        let now = self.now();
        match trade.kind {
            Kind::Stripe => {
                let object = stripe::refund_object(world, refund);
                Some(notices::stripe(world, &self.stripe_endpoint(), event, &object, now))
            }
            Kind::Alipay if refund.step != Step::Succeeded => None,
            Kind::Alipay => {
                let id = if refund.id.starts_with(alipay::UNNAMED) { "" } else { &refund.id };
                let number = refund.number.clone().unwrap_or_else(|| id.to_owned());
                Some(alipay::told(world, trade, number, refund.amount, now))
            }
            Kind::WechatPay => wechatpay::told(world, trade, refund, now),
        }
    }

    /// A dispute begins.
    pub fn dispute(&self, number: &str, part: Option<i64>) -> String {
        let at = self.now();
        let mut world = self.world();
        let Some(trade) = world.trades.get(number).cloned() else { return String::new() };
        let id = world.name("dp_");
        let amount = part.unwrap_or(trade.taken);
        let (of, status) = (number.to_owned(), "needs_response");
        let dispute = Dispute { of, id: id.clone(), amount, status, at, ended: 0, fee: DISPUTE_FEE };
        self.tell_dispute(&mut world, &dispute, "charge.dispute.created");
        world.disputes.push(dispute);
        id
    }

    /// A dispute ends.
    pub fn end_dispute(&self, id: &str, won: bool) -> bool {
        let now = self.now();
        let mut world = self.world();
        let Some(dispute) = world.disputes.iter_mut().find(|dispute| dispute.id == id) else { return false };
        dispute.status = if won { "won" } else { "lost" };
        dispute.ended = now;
        let dispute = dispute.clone();
        self.tell_dispute(&mut world, &dispute, "charge.dispute.closed");
        true
    }

    fn tell_dispute(&self, world: &mut World, dispute: &Dispute, event: &str) {
        let object = stripe::dispute_object(world, dispute);
        let notice = notices::stripe(world, &self.stripe_endpoint(), event, &object, self.now());
        world.outbox.push_back(notice);
    }

    /// A gateway sends money to the bank of its merchant, or has it back.
    pub fn pay_out(&self, kind: Kind, amount: i64, currency: &str) -> String {
        let at = self.now();
        let mut world = self.world();
        let id = world.name("txn_");
        world.payouts.push(Payout { kind, id: id.clone(), amount, currency: currency.to_lowercase(), at });
        id
    }
}
