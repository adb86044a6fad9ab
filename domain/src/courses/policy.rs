//! Who may write a course, see it, enrol in it, and read its lessons.

use serde::{Deserialize, Serialize};

use super::{CourseId, CourseState};
use crate::accounts::AccountId;
use crate::actor::{Actor, Role};
use crate::invalid::Denied;
use crate::money::Money;

/// What every rule needs to know of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseFacts {
    /// The course.
    pub id: CourseId,
    /// Who wrote it.
    pub author: AccountId,
    /// Where it stands in its life.
    pub state: CourseState,
    /// What it costs; nothing when free.
    pub price: Money,
}

/// Whether somebody may write courses at all.
pub fn may_write(actor: &Actor) -> Result<(), Denied> {
    if actor.is(Role::Expert) { Ok(()) } else { Err(Denied::new("teachers_only")) }
}

/// Whether somebody may change this course: its author while still an expert, or an administrator.
pub fn may_edit(actor: &Actor, course: &CourseFacts) -> bool {
    (actor.account == course.author && actor.is(Role::Expert)) || actor.is(Role::Admin)
}

/// Whether somebody may see that this course exists.
pub fn may_see(actor: Option<&Actor>, course: &CourseFacts, enrolled: bool) -> bool {
    course.state == CourseState::Published || enrolled || actor.is_some_and(|actor| may_edit(actor, course))
}

/// Whether a seat in this course may be taken now.
pub fn may_enrol(course: &CourseFacts, enrolled: bool) -> Result<(), Denied> {
    if enrolled {
        Err(Denied::new("already_enrolled"))
    } else if course.state == CourseState::Published {
        Ok(())
    } else {
        Err(Denied::new("course_not_open"))
    }
}

/// Why a lesson may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// By the one who looks after it.
    Author,
    /// By a learner, whose progress is kept.
    Learner,
    /// By anybody: a free preview.
    Preview,
}

/// How to get a lesson that may not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Start the free course.
    Enrol,
    /// Buy the course at this price.
    Buy(Money),
    /// The course takes nobody at present.
    NotOpen,
}

/// Decides whether a lesson may be read. `learns` is true for somebody who is enrolled and whose right is good now.
pub fn may_read(
    actor: Option<&Actor>,
    course: &CourseFacts,
    learns: bool,
    preview: bool,
) -> Result<Reading, Closed> {
    if learns {
        Ok(Reading::Learner)
    } else if actor.is_some_and(|actor| may_edit(actor, course)) {
        Ok(Reading::Author)
    } else if course.state != CourseState::Published {
        Err(Closed::NotOpen)
    } else if preview {
        Ok(Reading::Preview)
    } else if course.price.is_zero() {
        Err(Closed::Enrol)
    } else {
        Err(Closed::Buy(course.price))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;
    use crate::money::Currency;
    use uuid::Uuid;

    fn actor(number: u128, roles: &[Role]) -> Actor {
        Actor {
            account: AccountId(Uuid::from_u128(number)),
            username: "x".into(),
            display_name: "x".into(),
            roles: roles.to_vec(),
            locale: Locale::En,
        }
    }
    fn course(state: CourseState, minor: i64) -> CourseFacts {
        CourseFacts {
            id: CourseId(Uuid::from_u128(9)),
            author: AccountId(Uuid::from_u128(1)),
            state,
            price: Money::new(minor, Currency::Cny),
        }
    }

    #[test]
    fn only_the_author_and_administrators_edit() {
        let course = course(CourseState::Published, 0);
        assert!(may_edit(&actor(1, &[Role::Expert]), &course));
        assert!(!may_edit(&actor(1, &[]), &course), "a role that was taken away takes the right away");
        assert!(!may_edit(&actor(2, &[Role::Expert, Role::Moderator]), &course));
        assert!(may_edit(&actor(2, &[Role::Admin]), &course));
    }

    #[test]
    fn a_draft_is_seen_by_author_and_learners_only() {
        let draft = course(CourseState::Draft, 0);
        assert!(!may_see(None, &draft, false));
        assert!(!may_see(Some(&actor(2, &[Role::Expert])), &draft, false));
        assert!(may_see(Some(&actor(1, &[Role::Expert])), &draft, false));
        assert!(may_see(Some(&actor(2, &[])), &draft, true));
    }

    #[test]
    fn closed_lessons_say_how_to_get_them() {
        let stranger = actor(5, &[]);
        let paid = course(CourseState::Published, 3900);
        assert_eq!(may_read(Some(&stranger), &paid, false, false), Err(Closed::Buy(paid.price)));
        assert_eq!(may_read(None, &paid, false, true), Ok(Reading::Preview));
        assert_eq!(may_read(Some(&stranger), &paid, true, false), Ok(Reading::Learner));
        assert_eq!(may_read(None, &course(CourseState::Published, 0), false, false), Err(Closed::Enrol));
        let archived = course(CourseState::Archived, 0);
        assert_eq!(may_read(None, &archived, false, true), Err(Closed::NotOpen));
        assert_eq!(may_read(Some(&stranger), &archived, true, false), Ok(Reading::Learner));
    }
}
