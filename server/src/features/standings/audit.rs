//! What stored rows must say about standings: numbers without gaps, and one board whichever way it is made.

use domain::standings::{Audience, Reducer};

use super::store::{self, Head};
use crate::db::Db;
use crate::error::{Error, Result};

/// What is wrong with the standings, as (the competition's address, what); empty if nothing is.
pub async fn faults(db: &Db) -> Result<Vec<(String, String)>> {
    let mut faults = Vec::new();
    for (slug, head) in store::heads(db).await? {
        let subject = store::subject_by_slug(db, &slug).await?.ok_or_else(Error::not_found)?;
        let mut say = |what: String| faults.push((slug.clone(), what));
        let mut seen = Head { sequence: 0, public: 0, ..head.clone() };
        let mut stepwise: Vec<Reducer> =
            AUDIENCES.iter().map(|audience| Reducer::new(subject.rules, *audience)).collect();
        let mut all = Vec::new();
        loop {
            let events = store::events_after(db, subject.id, seen.sequence).await?;
            // What was added since the last numbers were read is of a later moment.
            let events: Vec<_> =
                events.into_iter().take_while(|event| event.sequence <= head.sequence).collect();
            if events.is_empty() {
                break;
            }
            for event in events {
                if event.sequence != seen.sequence + 1 {
                    say(format!("event {} follows event {}", event.sequence, seen.sequence));
                }
                seen.sequence = event.sequence;
                match event.public {
                    Some(number) if number == seen.public + 1 => seen.public = number,
                    Some(number) => {
                        say(format!("public number {number} follows {}", seen.public));
                        seen.public = number;
                    }
                    None => {}
                }
                stepwise.iter_mut().for_each(|reducer| reducer.apply(event.clone()));
                all.push(event);
            }
        }
        if (seen.sequence, seen.public) != (head.sequence, head.public) {
            say(format!(
                "the last numbers are {} and {}, not {} and {}",
                seen.sequence, seen.public, head.sequence, head.public
            ));
        }
        for (audience, stepwise) in AUDIENCES.iter().zip(&stepwise) {
            let rebuilt = Reducer::replay(subject.rules, *audience, all.iter().cloned());
            if rebuilt.board().snapshot() != stepwise.board().snapshot() {
                say(format!("the board of {audience:?} differs from its rebuild"));
            }
        }
    }
    Ok(faults)
}

const AUDIENCES: [Audience; 2] = [Audience::Public, Audience::Jury { private: true }];
