//! What the pages of competitions ask of the server.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::competitions::calendar::Offset;
use domain::competitions::input::{RawCompetition, Task};
use domain::competitions::rules::{Phase, Timetable};
use domain::competitions::{CompetitionId, Counting, FileId, Kind, RegistrationState, TieRule};
use domain::courses::quiz::Question;
use domain::invalid::{Denied, FieldFault};
use domain::locale::Bilingual;
#[cfg(feature = "ssr")]
use domain::locale::Locale;
use domain::money::Money;
use domain::orders::OrderId;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// A competition in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompetitionRow {
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
    /// One or two sentences.
    pub summary: Bilingual,
    /// What is solved.
    pub kind: Kind,
    /// What it is doing now.
    pub phase: Phase,
    /// When what happens.
    pub timetable: Timetable,
    /// The zone in which the timetable is stated.
    pub offset: Offset,
    /// The entry fee.
    pub fee: Money,
    /// How many are in.
    pub entrants: i64,
    /// How many may be in.
    pub capacity: Option<i64>,
}

/// A file that competitors work with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataFile {
    /// The file.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// How many lines it has.
    pub lines: i64,
}

/// The page of a competition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompetitionPage {
    /// The competition.
    pub id: CompetitionId,
    /// What a list shows of it.
    pub row: CompetitionRow,
    /// What is solved, and how it is scored.
    pub task: Task,
    /// Which submission counts.
    pub counting: Counting,
    /// How ties are ordered.
    pub ties: TieRule,
    /// The rules, rendered.
    pub rules_html: String,
    /// What each place wins of the entry fees, in basis points, the first place first.
    pub prizes: Vec<u32>,
    /// What competitors load.
    pub files: Vec<DataFile>,
    /// How many rows are to be predicted.
    pub rows: i64,
    /// How many questions are asked.
    pub questions: i64,
    /// The username of the organiser.
    pub organiser: String,
    /// The name of the organiser.
    pub organiser_name: String,
    /// Whether the viewer runs it.
    pub organises: bool,
    /// The viewer's own registration.
    pub registration: Option<RegistrationState>,
    /// The order that the viewer's registration waits for.
    pub order: Option<OrderId>,
    /// Why nobody, or not this viewer, may register now.
    pub closed: Option<Denied>,
    /// Why it was called off, where it was.
    pub cancelled: Option<String>,
}

/// A competition as its organiser works on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// The competition.
    pub id: CompetitionId,
    /// What a list shows of it.
    pub row: CompetitionRow,
    /// The form, filled in.
    pub raw: RawCompetition,
    /// What each place wins of the entry fees, in basis points, the first place first.
    pub prizes: Vec<u32>,
    /// The file of the truth.
    pub truth: Option<DataFile>,
    /// What competitors load.
    pub files: Vec<DataFile>,
    /// The questions, with their keys.
    pub questions: Vec<Question>,
    /// What keeps it from being published.
    pub missing: Vec<FieldFault>,
    /// How many submissions there are, and how many of them wait for their judgement.
    pub submissions: (i64, i64),
    /// Why the results cannot become final now.
    pub not_final: Option<Denied>,
}

/// A question, as the form of it sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RawQuestion {
    /// `single`, `multiple`, `true_false`, `number`.
    pub kind: String,
    /// What is asked, in English.
    pub prompt_en: String,
    /// What is asked, in Chinese.
    pub prompt_zh: String,
    /// What a right answer is worth.
    pub points: String,
    /// One option a line in English, right ones with a star in front.
    pub choices_en: String,
    /// The same options in Chinese, in the same order.
    pub choices_zh: String,
    /// True/false: `true` or `false`.
    pub truth: String,
    /// The right number.
    pub number_value: String,
    /// How far one may be off.
    pub number_tolerance: String,
}

/// What the pages need from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Competitions: Send + Sync {
    /// Everything public: running first, then what comes, then what is over; at most 200.
    async fn list(&self) -> Answer<Vec<CompetitionRow>>;
    /// One competition.
    async fn show(&self, viewer: Option<&Actor>, slug: &str, locale: Locale) -> Answer<CompetitionPage>;
    /// Takes a place; the address to go on to: the payment, or the competition.
    async fn register(&self, actor: &Actor, slug: &str) -> Answer<String>;
    /// What an account organises, latest first.
    async fn organised(&self, actor: &Actor) -> Answer<Vec<CompetitionRow>>;
    /// What an account is registered for, latest first.
    async fn entered(&self, actor: &Actor) -> Answer<Vec<CompetitionRow>>;
    /// Begins a draft; its slug.
    async fn create(&self, actor: &Actor, raw: &RawCompetition) -> Answer<String>;
    /// Changes a draft; its slug.
    async fn update(&self, actor: &Actor, slug: &str, raw: &RawCompetition) -> Answer<String>;
    /// A competition as its organiser works on it.
    async fn design(&self, actor: &Actor, slug: &str) -> Answer<Design>;
    /// Adds a question to a quiz.
    async fn add_question(&self, actor: &Actor, slug: &str, raw: &RawQuestion) -> Answer<()>;
    /// Takes a question out of a quiz.
    async fn remove_question(&self, actor: &Actor, slug: &str, question: &str) -> Answer<()>;
    /// Takes a file away.
    async fn remove_file(&self, actor: &Actor, slug: &str, file: &str) -> Answer<()>;
    /// Makes a draft public.
    async fn publish(&self, actor: &Actor, slug: &str) -> Answer<()>;
    /// Takes no submissions from now on.
    async fn end_now(&self, actor: &Actor, slug: &str) -> Answer<()>;
    /// Makes the results final and hands out certificates.
    async fn finalise(&self, actor: &Actor, slug: &str) -> Answer<()>;
    /// Calls it off: fees go back.
    async fn cancel(&self, actor: &Actor, slug: &str, reason: &str) -> Answer<()>;
    /// Renders Markdown as the rules page will.
    async fn preview(&self, actor: &Actor, text: &str) -> Answer<String>;
}

/// Everything public.
#[server(endpoint = "competitions/list", input = GetUrl)]
pub async fn list_competitions() -> Answer<Vec<CompetitionRow>> {
    Cx::current().ports.competitions.list().await
}

/// One competition.
#[server(endpoint = "competitions/show", input = GetUrl)]
pub async fn show_competition(slug: String) -> Answer<CompetitionPage> {
    let cx = Cx::current();
    cx.ports.competitions.show(cx.viewer(), &slug, cx.locale).await
}

/// Takes a place in a competition.
#[server(endpoint = "competitions/register")]
pub async fn register_for(slug: String) -> Answer<()> {
    let cx = Cx::current();
    let next = cx.ports.competitions.register(cx.actor()?, &slug).await?;
    cx.redirect(&next);
    Ok(())
}

/// What the caller organises.
#[server(endpoint = "competitions/organised", input = GetUrl)]
pub async fn organised() -> Answer<Vec<CompetitionRow>> {
    let cx = Cx::current();
    cx.ports.competitions.organised(cx.actor()?).await
}

/// What the caller is registered for.
#[server(endpoint = "competitions/entered", input = GetUrl)]
pub async fn entered() -> Answer<Vec<CompetitionRow>> {
    let cx = Cx::current();
    cx.ports.competitions.entered(cx.actor()?).await
}

/// Begins a draft.
#[server(endpoint = "competitions/create")]
pub async fn create_competition(#[server(flatten)] raw: RawCompetition) -> Answer<()> {
    let cx = Cx::current();
    let slug = cx.ports.competitions.create(cx.actor()?, &raw).await?;
    cx.redirect(&format!("/organise/{slug}"));
    Ok(())
}

/// Changes a draft.
#[server(endpoint = "competitions/update")]
pub async fn update_competition(competition: String, #[server(flatten)] raw: RawCompetition) -> Answer<()> {
    let cx = Cx::current();
    let slug = cx.ports.competitions.update(cx.actor()?, &competition, &raw).await?;
    cx.redirect(&format!("/organise/{slug}"));
    Ok(())
}

/// A competition as its organiser works on it.
#[server(endpoint = "competitions/design", input = GetUrl)]
pub async fn load_design(slug: String) -> Answer<Design> {
    let cx = Cx::current();
    cx.ports.competitions.design(cx.actor()?, &slug).await
}

/// Adds a question to a quiz.
#[server(endpoint = "competitions/add_question")]
pub async fn add_question(competition: String, #[server(flatten)] raw: RawQuestion) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.add_question(cx.actor()?, &competition, &raw).await?;
    cx.redirect(&format!("/organise/{competition}#questions"));
    Ok(())
}

/// Takes a question out of a quiz.
#[server(endpoint = "competitions/remove_question")]
pub async fn remove_question(competition: String, question: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.remove_question(cx.actor()?, &competition, &question).await?;
    cx.redirect(&format!("/organise/{competition}#questions"));
    Ok(())
}

/// Takes a file away.
#[server(endpoint = "competitions/remove_file")]
pub async fn remove_file(competition: String, file: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.remove_file(cx.actor()?, &competition, &file).await?;
    cx.redirect(&format!("/organise/{competition}#files"));
    Ok(())
}

/// Makes a draft public.
#[server(endpoint = "competitions/publish")]
pub async fn publish(competition: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.publish(cx.actor()?, &competition).await?;
    cx.redirect(&format!("/competitions/{competition}"));
    Ok(())
}

/// Takes no submissions from now on.
#[server(endpoint = "competitions/end_now")]
pub async fn end_now(competition: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.end_now(cx.actor()?, &competition).await?;
    cx.redirect(&format!("/organise/{competition}"));
    Ok(())
}

/// Makes the results final and hands out certificates.
#[server(endpoint = "competitions/finalise")]
pub async fn finalise(competition: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.finalise(cx.actor()?, &competition).await?;
    cx.redirect(&format!("/competitions/{competition}"));
    Ok(())
}

/// Calls a competition off: nobody enters or submits any more, and fees go back.
#[server(endpoint = "competitions/cancel")]
pub async fn cancel_competition(competition: String, reason: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.competitions.cancel(cx.actor()?, &competition, &reason).await?;
    cx.redirect(&format!("/competitions/{competition}"));
    Ok(())
}

/// Renders Markdown as the rules page will.
#[server(endpoint = "competitions/preview")]
pub async fn preview_rules(text: String) -> Answer<String> {
    let cx = Cx::current();
    cx.ports.competitions.preview(cx.actor()?, &text).await
}
