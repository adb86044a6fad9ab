//! Who has how much of what was paid: shares in basis points, without losing a cent in either direction.

use serde::{Deserialize, Serialize};

use super::chart::{Code, LedgerAccount};
use super::transfer::Posting;
use crate::accounts::AccountId;
use crate::invalid::Invalid;
use crate::money::Money;
use crate::orders::{OrderLineId, Thing};
use crate::payouts::rules::per_cent;
use crate::time::Timestamp;

/// The whole, in basis points.
pub const WHOLE: u32 = 10_000;

/// Somebody who has a share of what a product brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The platform.
    Platform,
    /// Who made a course.
    Author,
    /// Who runs a competition.
    Organiser,
    /// Somebody who gave something to it.
    Sponsor,
    /// The prizes of a competition, held in escrow until it is finalised.
    PrizePool,
}

impl Party {
    /// Every party.
    pub const ALL: [Self; 5] =
        [Self::Platform, Self::Author, Self::Organiser, Self::Sponsor, Self::PrizePool];
    /// The database value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Author => "author",
            Self::Organiser => "organiser",
            Self::Sponsor => "sponsor",
            Self::PrizePool => "prize_pool",
        }
    }
    /// Whether the share belongs to a person, who must be named.
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Author | Self::Organiser | Self::Sponsor)
    }
}

impl TryFrom<String> for Party {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|party| party.as_str() == text)
            .ok_or_else(|| format!("unknown party {text}"))
    }
}

/// A share of what a product brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Whose.
    pub party: Party,
    /// The account of a person's share.
    pub account: Option<AccountId>,
    /// How much of the whole, in basis points.
    pub basis_points: u32,
}

/// Shares that make a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares(Vec<Share>);

impl Shares {
    /// Joins shares; refuses what is not a whole, names nobody, or holds prizes of what has none.
    pub fn of(shares: Vec<Share>, thing: Thing) -> Result<Self, Invalid> {
        let sum: u64 = shares.iter().map(|share| u64::from(share.basis_points)).sum();
        if sum != u64::from(WHOLE) {
            return Err(Invalid::with("shares", "shares_not_whole", &[&per_cent(sum)]));
        }
        if shares.iter().any(|share| share.party.is_person() != share.account.is_some()) {
            return Err(Invalid::field("shares", "share_without_account"));
        }
        let pool = shares.iter().any(|share| share.party == Party::PrizePool);
        if pool && !matches!(thing, Thing::Competition(_)) {
            return Err(Invalid::field("shares", "share_without_prizes"));
        }
        Ok(Self(shares))
    }
    /// The shares in their order.
    pub fn as_slice(&self) -> &[Share] {
        &self.0
    }
}

/// The shares of a product without a rule of its own: the platform's part and the author's rest, and the
/// prize pool for the entry to a competition.
pub fn default_shares(thing: Thing, owner: Option<AccountId>, platform: u32) -> Shares {
    let share = |party, account, basis_points| Share { party, account, basis_points };
    let platform = platform.min(WHOLE);
    Shares(match (thing, owner) {
        (Thing::Competition(_), _) => vec![share(Party::PrizePool, None, WHOLE)],
        (_, Some(owner)) if platform < WHOLE => {
            vec![share(Party::Platform, None, platform), share(Party::Author, Some(owner), WHOLE - platform)]
        }
        _ => vec![share(Party::Platform, None, WHOLE)],
    })
}

/// A line of an order as the ledger sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub id: OrderLineId,
    /// What was sold.
    pub thing: Thing,
    /// Its frozen price.
    pub price: Money,
    /// Its frozen shares.
    pub shares: Shares,
    /// The last instant of its guarantee: until then nobody is paid out.
    pub matures: Option<Timestamp>,
}

/// The account of a share of a thing.
fn account_of(share: &Share, thing: Thing) -> LedgerAccount {
    match (share.party, share.account, thing) {
        (Party::Author | Party::Organiser | Party::Sponsor, Some(account), _) => {
            LedgerAccount::Payable(account)
        }
        (Party::PrizePool, _, Thing::Competition(id)) => LedgerAccount::PrizeEscrow(id),
        _ => LedgerAccount::PlatformFee,
    }
}

/// The postings of a paid order: what each share of each line brings, to the last cent.
pub fn sale(gateway: &str, lines: &[Line]) -> Vec<Posting> {
    let mut postings = Vec::new();
    for line in lines {
        let weights: Vec<u32> = line.shares.as_slice().iter().map(|share| share.basis_points).collect();
        for (share, amount) in line.shares.as_slice().iter().zip(line.price.split(&weights)) {
            if amount.is_zero() {
                continue;
            }
            let credit = account_of(share, line.thing);
            let matures = line.matures.filter(|_| matches!(credit, LedgerAccount::Payable(_)));
            let posting = Posting::new(LedgerAccount::of_gateway(gateway), credit, amount, Code::Sale);
            postings.push(Posting { matures, ..posting.for_line(line.id) });
        }
    }
    postings
}

/// What an account of the ledger still has of a line, and could give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Had {
    /// The account.
    pub account: LedgerAccount,
    /// What it got for the line, less what it gave back.
    pub amount: i64,
    /// What it could give without being overdrawn; nothing where it has no limit.
    pub free: Option<i64>,
}

/// The postings that give an amount of a line back: from each account what it had of it, in proportion.
///
/// What an account does not have any more, because it was paid out, the platform covers.
pub fn give_back(
    line: OrderLineId,
    had: &[Had],
    amount: Money,
    to: &LedgerAccount,
    code: Code,
) -> Vec<Posting> {
    let weights: Vec<i64> = had.iter().map(|had| had.amount.max(0)).collect();
    let mut postings = Vec::new();
    let mut covered = Money::zero(amount.currency);
    for (had, part) in had.iter().zip(amount.split_over(&weights)) {
        let gives = part.minor.min(had.free.unwrap_or(i64::MAX).max(0));
        if gives > 0 {
            let gives = Money::new(gives, amount.currency);
            postings.push(Posting::new(had.account.clone(), to.clone(), gives, code).for_line(line));
        }
        covered.minor += part.minor - gives;
    }
    if covered.minor > 0 {
        let posting = Posting::new(LedgerAccount::PlatformFee, to.clone(), covered, Code::RefundCovered);
        postings.push(posting.for_line(line));
    }
    postings
}

/// Splits the escrow of a finalised competition: prizes to winners by their shares, the rest to the
/// organiser. Winners who share a rank are named one by one; nothing is lost.
pub fn prizes(held: Money, winners: &[(AccountId, u32)], organiser: AccountId) -> Vec<(AccountId, Money)> {
    let given: u32 = winners.iter().map(|(_, points)| *points).sum::<u32>();
    let rest = WHOLE.saturating_sub(given);
    let mut people: Vec<(AccountId, u32)> = winners.to_vec();
    people.push((organiser, rest));
    let weights: Vec<u32> = people.iter().map(|(_, points)| *points).collect();
    let parts = people.iter().zip(held.split(&weights));
    parts.filter(|(_, money)| !money.is_zero()).map(|((account, _), money)| (*account, money)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::competitions::CompetitionId;
    use crate::courses::CourseId;
    use crate::money::Currency;
    use proptest::prelude::*;
    use uuid::Uuid;

    const COURSE: Thing = Thing::Course(CourseId(Uuid::nil()));
    const ENTRY: Thing = Thing::Competition(CompetitionId(Uuid::nil()));

    fn who(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }
    fn line(thing: Thing, minor: i64, shares: Shares) -> Line {
        let price = Money::new(minor, Currency::Cny);
        Line { id: OrderLineId(Uuid::nil()), thing, price, shares, matures: Some(Timestamp::from_seconds(7)) }
    }
    fn amounts(postings: &[Posting]) -> Vec<(LedgerAccount, i64)> {
        postings.iter().map(|posting| (posting.credit.clone(), posting.amount.minor)).collect()
    }

    #[test]
    fn a_course_pays_its_author_and_an_entry_its_prizes() {
        let shares = default_shares(COURSE, Some(who(1)), 2_000);
        let postings = sale("sandbox", &[line(COURSE, 3_999, shares)]);
        let expected = [(LedgerAccount::PlatformFee, 800), (LedgerAccount::Payable(who(1)), 3_199)];
        assert_eq!(amounts(&postings), expected);
        assert_eq!(postings[1].matures, Some(Timestamp::from_seconds(7)), "what is owed waits");
        assert_eq!(postings[0].matures, None);
        let entry = sale("sandbox", &[line(ENTRY, 100, default_shares(ENTRY, Some(who(1)), 2_000))]);
        assert_eq!(amounts(&entry), [(LedgerAccount::PrizeEscrow(CompetitionId(Uuid::nil())), 100)]);
        assert_eq!(sale("sandbox", &[line(COURSE, 0, default_shares(COURSE, None, 0))]), []);
    }

    #[test]
    fn shares_are_a_whole_and_name_their_people() {
        let share = |party, account, basis_points| Share { party, account, basis_points };
        let code = |shares: Vec<Share>, thing| Shares::of(shares, thing).unwrap_err().0[0].code.clone();
        assert_eq!(code(vec![share(Party::Platform, None, 9_999)], COURSE), "shares_not_whole");
        assert_eq!(code(vec![share(Party::Platform, None, u32::MAX); 2], COURSE), "shares_not_whole");
        assert_eq!(code(vec![share(Party::Author, None, WHOLE)], COURSE), "share_without_account");
        assert_eq!(code(vec![share(Party::Platform, Some(who(1)), WHOLE)], COURSE), "share_without_account");
        assert_eq!(code(vec![share(Party::PrizePool, None, WHOLE)], COURSE), "share_without_prizes");
        assert!(Shares::of(vec![share(Party::PrizePool, None, WHOLE)], ENTRY).is_ok());
    }

    #[test]
    fn the_platform_covers_what_was_paid_out() {
        let had = [
            Had { account: LedgerAccount::PlatformFee, amount: 800, free: None },
            Had { account: LedgerAccount::Payable(who(1)), amount: 3_200, free: Some(200) },
        ];
        let amount = Money::new(4_000, Currency::Cny);
        let id = OrderLineId(Uuid::nil());
        let postings = give_back(id, &had, amount, &LedgerAccount::RefundInflight, Code::RefundRequested);
        let parts: Vec<_> = postings.iter().map(|p| (p.debit.clone(), p.amount.minor, p.code)).collect();
        assert_eq!(
            parts,
            [
                (LedgerAccount::PlatformFee, 800, Code::RefundRequested),
                (LedgerAccount::Payable(who(1)), 200, Code::RefundRequested),
                (LedgerAccount::PlatformFee, 3_000, Code::RefundCovered),
            ]
        );
    }

    #[test]
    fn prizes_use_up_the_escrow() {
        let held = Money::new(1_000, Currency::Cny);
        let given = prizes(held, &[(who(1), 5_000), (who(2), 3_000)], who(9));
        assert_eq!(given.iter().map(|(_, money)| money.minor).collect::<Vec<_>>(), [500, 300, 200]);
        assert_eq!(prizes(held, &[], who(9)), [(who(9), held)]);
        assert_eq!(prizes(Money::zero(Currency::Cny), &[(who(1), WHOLE)], who(9)), []);
    }

    proptest! {
        #[test]
        fn a_sale_loses_no_cent(minor in 1_i64..10_000_000, cuts in prop::collection::btree_set(1_u32..WHOLE, 0..6)) {
            let mut points = Vec::new();
            let mut last = 0;
            for cut in cuts.into_iter().chain([WHOLE]) {
                points.push(cut - last);
                last = cut;
            }
            let shares: Vec<Share> = points
                .iter()
                .enumerate()
                .map(|(index, points)| Share { party: Party::Sponsor, account: Some(who(index as u128)), basis_points: *points })
                .collect();
            let shares = Shares::of(shares, COURSE).unwrap();
            let postings = sale("sandbox", &[line(COURSE, minor, shares)]);
            prop_assert_eq!(postings.iter().map(|posting| posting.amount.minor).sum::<i64>(), minor);
            for (posting, points) in postings.iter().zip(&points).filter(|_| points.len() == postings.len()) {
                let exact = i128::from(minor) * i128::from(*points);
                let off = (i128::from(posting.amount.minor) * i128::from(WHOLE) - exact).abs();
                prop_assert!(off < i128::from(WHOLE), "a share is off by a cent or more");
            }
        }

        #[test]
        fn parts_given_back_never_exceed_what_was_had_and_end_at_nothing(
            had in prop::collection::vec(0_i64..5_000, 1..5), steps in prop::collection::vec(1_i64..3_000, 1..8)
        ) {
            let mut left: Vec<Had> = had
                .iter()
                .enumerate()
                .map(|(index, amount)| Had { account: LedgerAccount::Payable(who(index as u128)), amount: *amount, free: Some(*amount) })
                .collect();
            let mut total: i64 = had.iter().sum();
            for step in steps.into_iter().chain([i64::MAX]) {
                let amount = Money::new(step.min(total), Currency::Usd);
                let id = OrderLineId(Uuid::nil());
                let postings = give_back(id, &left, amount, &LedgerAccount::RefundInflight, Code::RefundRequested);
                prop_assert_eq!(postings.iter().map(|posting| posting.amount.minor).sum::<i64>(), amount.minor);
                for posting in &postings {
                    prop_assert!(posting.code == Code::RefundRequested, "nothing needs to be covered");
                    let had = left.iter_mut().find(|had| had.account == posting.debit).unwrap();
                    had.amount -= posting.amount.minor;
                    had.free = Some(had.amount);
                    prop_assert!(had.amount >= 0);
                }
                total -= amount.minor;
            }
            prop_assert_eq!(total, 0);
            prop_assert!(left.iter().all(|had| had.amount == 0));
        }

        #[test]
        fn prizes_lose_no_cent(minor in 0_i64..10_000_000, points in prop::collection::vec(0_u32..2_000, 0..5)) {
            let winners: Vec<_> = points.iter().enumerate().map(|(index, points)| (who(index as u128), *points)).collect();
            let held = Money::new(minor, Currency::Cny);
            prop_assert_eq!(prizes(held, &winners, who(99)).iter().map(|(_, money)| money.minor).sum::<i64>(), minor);
        }
    }
}
