//! The standings as pages ask for them.

use app::error::Answer;
use app::features::standings::{BoardPage, BoardRow, News, ROWS, Standings, TopOfBoard};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::competitions::CompetitionId;
use domain::competitions::policy::organises;
use domain::invalid::Invalid;
use domain::locale::Bilingual;
use domain::standings::{Board, Fact, Row};
use domain::text;

use super::desk::{Announcement, Desk};
use super::service::Service;
use super::store;
use crate::error::{Error, Result};

/// How many rows the small board of another page has.
const TOP: usize = 5;

#[async_trait]
impl Standings for Service {
    async fn board(&self, viewer: Option<&Actor>, slug: &str, page: i64, find: &str) -> Answer<BoardPage> {
        Ok(self.page(viewer, slug, page, find).await?)
    }
    async fn top(&self, slug: Option<&str>) -> Answer<Option<TopOfBoard>> {
        Ok(self.top_of(slug).await?)
    }
    async fn announce(&self, actor: &Actor, slug: &str, en: &str, zh: &str) -> Answer<()> {
        Ok(self.tell(actor, slug, en, zh).await?)
    }
}

impl Service {
    async fn page(&self, viewer: Option<&Actor>, slug: &str, page: i64, find: &str) -> Result<BoardPage> {
        let desk = self.desk(slug).await?;
        desk.catch_up(&self.kit.db).await?;
        let number = match viewer {
            Some(actor) => store::number_of(&self.kit.db, desk.subject.id, actor.account.0).await?,
            None => None,
        };
        let state = store::state_of(&self.kit.db, desk.subject.id).await?;
        let find: String = find.trim().chars().take(60).collect();
        let now = self.kit.now();
        let view = |board: &Board, news: &[Announcement]| {
            let (rows, page, pages) = rows(board, page, &find);
            let mine = number.and_then(|number| board.row(number));
            BoardPage {
                slug: desk.subject.slug.clone(),
                title: desk.subject.title.clone(),
                metric: desk.subject.metric.clone(),
                timetable: desk.subject.timetable,
                offset: desk.subject.offset,
                phase: desk.subject.timetable.phase(state, now),
                stage: board.stage(),
                rules: *board.rules(),
                seq: board.sequence(),
                entrants: board.len(),
                scored: board.scored(),
                rows,
                page,
                pages,
                mine: mine.map(|row| BoardRow::of(board, row)),
                news: news.iter().rev().take(20).map(told).collect(),
                organises: viewer.is_some_and(|actor| organises(actor, desk.subject.organiser.into())),
                find,
            }
        };
        Ok(desk.look(view).await)
    }
    async fn top_of(&self, slug: Option<&str>) -> Result<Option<TopOfBoard>> {
        let slugs = match slug {
            Some(slug) => vec![slug.to_owned()],
            None => store::running(&self.kit.db, self.kit.now()).await?,
        };
        for slug in slugs {
            let desk = self.desk(&slug).await?;
            desk.catch_up(&self.kit.db).await?;
            let top = desk.look(|board, _| top(&desk, board)).await;
            if !top.rows.is_empty() {
                return Ok(Some(top));
            }
        }
        Ok(None)
    }
    async fn tell(&self, actor: &Actor, slug: &str, en: &str, zh: &str) -> Result<()> {
        let desk = self.desk(slug).await?;
        if !organises(actor, desk.subject.organiser.into()) {
            return Err(Error::not_found());
        }
        let mut invalid = Invalid::default();
        let en = invalid.check(text::block("text_en", en, 0..=400));
        let zh = invalid.check(text::block("text_zh", zh, 0..=400));
        if en.as_deref() == Some("") && zh.as_deref() == Some("") {
            invalid.add("text_en", "required", &[]);
        }
        invalid.into_result()?;
        let text = Bilingual::new(en.unwrap_or_default(), zh.unwrap_or_default());
        let mut tx = self.kit.db.begin().await?;
        let fact = Fact::Announced { text, at: self.kit.now() };
        self.record(&mut tx, CompetitionId(desk.subject.id), fact).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The rows of a page, which page it is, and how many there are.
fn rows(board: &Board, page: i64, find: &str) -> (Vec<BoardRow>, u32, u32) {
    let name = find.to_lowercase();
    let found: Option<Vec<Row<'_>>> = (!name.is_empty())
        .then(|| board.rows(0).filter(|row| row.entrant.name.to_lowercase().contains(&name)).collect());
    let count = match &found {
        Some(found) => u32::try_from(found.len()).unwrap_or(u32::MAX),
        None => board.len(),
    };
    let pages = count.div_ceil(ROWS).max(1);
    let page = u32::try_from(page).unwrap_or(1).clamp(1, pages);
    let (from, size) = ((page - 1) * ROWS, ROWS as usize);
    let rows = match found {
        Some(found) => {
            found.into_iter().skip(from as usize).take(size).map(|row| BoardRow::of(board, row)).collect()
        }
        None => board.rows(from).take(size).map(|row| BoardRow::of(board, row)).collect(),
    };
    (rows, page, pages)
}

fn top(desk: &Desk, board: &Board) -> TopOfBoard {
    let ranked = board.rows(0).filter(|row| row.rank.is_some());
    TopOfBoard {
        slug: desk.subject.slug.clone(),
        title: desk.subject.title.clone(),
        stage: board.stage(),
        rules: *board.rules(),
        entrants: board.len(),
        rows: ranked.take(TOP).map(|row| BoardRow::of(board, row)).collect(),
    }
}

fn told(announcement: &Announcement) -> News {
    let Announcement { seq, at, text } = announcement.clone();
    News { seq, at, en: text.en, zh: text.zh }
}
