//! The own submissions to a competition, and the form that sends the next one.

use domain::competitions::input::Task;
use domain::competitions::rules::Phase;
use domain::competitions::{Counting, RegistrationState};
use domain::judging::{Score, Verdict};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Column, DataTable, EmptyState, PageHead};

use crate::error::Answer;
use crate::features::competitions::{CompetitionTabs, FileField, Place, metric_name};
use crate::features::judging::{ChooseSubmission, MySubmissions, SubmissionRow, load_submissions};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The own submissions to a competition.
pub struct SubmissionsPage {
    choose_form: FormState,
    submissions: Loaded<Answer<MySubmissions>>,
}

#[lazy_route]
impl LazyRoute for SubmissionsPage {
    fn data() -> Self {
        let params = use_params_map();
        let slug = move || params.read().get("slug").unwrap_or_default();
        Self {
            choose_form: FormState::plain(ChooseSubmission::PATH),
            submissions: load(slug, load_submissions),
        }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let (form, resource) = (this.choose_form, this.submissions);
        page(resource, move |mine| {
            follow(resource, &mine);
            let measure = match &mine.task {
                Task::Quiz { .. } => t::competitions::points(l),
                Task::Prediction { metric, .. } => metric_name(*metric, l),
            };
            view! {
                <Title text=format!("{}, {}", t::judging::title(l), mine.title.get(l))/>
                <div class="wrap">
                    <PageHead title=t::judging::title(l) eyebrow=format!("{}, {measure}", mine.title.get(l))/>
                    <CompetitionTabs slug=mine.slug.clone() kind=mine.task.kind() place=Place::Submissions/>
                    <FormAlert form/>
                    <div class="stack section">
                        <Send mine=mine.clone()/>
                        <Table mine/>
                    </div>
                </div>
            }
            .into_any()
        })
    }
}

/// Asks again every two seconds while something waits for the judge.
fn follow(resource: Loaded<Answer<MySubmissions>>, mine: &MySubmissions) {
    #[cfg(feature = "hydrate")]
    {
        let waiting = mine.rows.iter().any(|row| row.verdict == Verdict::Queued);
        Effect::new(move || {
            if !waiting {
                return;
            }
            let again = move || resource.refetch();
            if let Ok(handle) = set_timeout_with_handle(again, std::time::Duration::from_secs(2)) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (resource, mine);
}

/// The form, or why there is none.
#[component]
fn Send(mine: MySubmissions) -> impl IntoView {
    let l = use_locale();
    if mine.registration != Some(RegistrationState::Approved) {
        let to = href(l, &format!("/competitions/{}", mine.slug));
        return view! {
            <p>{t::judging::not_in(l)}" "<a href=to>{t::judging::to_overview(l)}</a></p>
        }
        .into_any();
    }
    let path = format!("/api/competitions/{}/submit", mine.slug);
    let form = FormState::plain(&path);
    match mine.phase {
        Phase::Running | Phase::Frozen => {
            let left = mine.left_today.map(|left| t::judging::left_today(l, left));
            let next_day = mine.left_today == Some(0);
            view! {
                <section class="panel stack" aria-labelledby="submit-title">
                    <h2 id="submit-title">{t::judging::submit(l)}</h2>
                    <form class="stack" method="post" enctype="multipart/form-data" action=path>
                        <FileField form name="file" label=t::judging::file(l) hint=t::judging::submit_hint(l)/>
                        <p class="dim">
                            {left} {next_day.then(|| view! { " "{t::judging::next_day(l)}" "<When at=mine.next_day/> })}
                        </p>
                        <button class="button primary">{t::judging::send(l)}</button>
                    </form>
                </section>
            }
            .into_any()
        }
        Phase::Ended | Phase::Finalised | Phase::Cancelled => {
            view! { <p>{t::judging::over(l)}</p> }.into_any()
        }
        _ => view! { <p>{t::judging::not_started(l)}" "<When at=mine.timetable.starts/></p> }.into_any(),
    }
}

#[component]
fn Table(mine: MySubmissions) -> impl IntoView {
    let l = use_locale();
    if mine.rows.is_empty() {
        return view! { <EmptyState title=t::judging::none(l) text=t::judging::none_hint(l) icon="inbox"/> }
            .into_any();
    }
    let final_ = mine.phase == Phase::Finalised;
    let choosing = mine.counting == Counting::Chosen && mine.phase.takes_submissions();
    let mut columns = vec![
        Column::text(t::judging::received(l)),
        Column::text(t::judging::file(l)),
        Column::text(t::judging::verdict(l)),
        Column::number(t::judging::public_score(l)),
    ];
    if final_ {
        columns.push(Column::number(t::judging::private_score(l)));
    }
    columns.push(Column::text(t::judging::counts(l)));
    let slug = mine.slug.clone();
    let rows = mine
        .rows
        .into_iter()
        .map(|row| {
            let (public, private) = (row.public_score, row.private_score);
            let mut cells = vec![
                view! { <When at=row.received_at/> }.into_any(),
                view! { <span>{row.file_name.clone()}</span> }.into_any(),
                view! { <VerdictCell row=row.clone()/> }.into_any(),
                view! { <span class="number">{score_text(public, &mine.task)}</span> }.into_any(),
            ];
            if final_ {
                cells
                    .push(view! { <span class="number">{score_text(private, &mine.task)}</span> }.into_any());
            }
            cells.push(view! { <CountsCell slug=slug.clone() row choosing/> }.into_any());
            cells
        })
        .collect();
    view! { <DataTable caption=t::judging::title(l) columns rows/> }.into_any()
}

/// A score as people read it: four decimals for a metric, whole points for a quiz.
pub fn score_text(score: Option<Score>, task: &Task) -> String {
    let places = match task {
        Task::Quiz { .. } => 0,
        Task::Prediction { .. } => 4,
    };
    score.map_or_else(|| "–".to_owned(), |score| score.decimal(places))
}

/// What became of a submission, in words besides the colour.
#[component]
pub fn VerdictCell(row: SubmissionRow) -> impl IntoView {
    let l = use_locale();
    match row.verdict {
        Verdict::Queued => {
            let seconds = row.expected.map_or(1, |span| span.whole_seconds() + 1);
            let place = row.place.map(|place| t::judging::place(l, place, seconds));
            view! {
                <span class="chip warning">{t::judging::verdict_queued(l)}</span>
                {place.map(|text| view! { <small class="dim">" "{text}</small> })}
            }
            .into_any()
        }
        Verdict::Accepted => view! { <span class="chip done">{t::judging::verdict_ac(l)}</span> }.into_any(),
        Verdict::JudgingError => view! {
            <span class="chip wrong">{t::judging::verdict_je(l)}</span>
            <small class="dim">" "{t::judging::verdict_je_hint(l)}</small>
        }
        .into_any(),
    }
}

#[component]
fn CountsCell(slug: String, row: SubmissionRow, choosing: bool) -> impl IntoView {
    let l = use_locale();
    if row.counts {
        return view! { <span class="chip done">{t::judging::counts(l)}</span> }.into_any();
    }
    (choosing && row.verdict == Verdict::Accepted)
        .then(|| {
            view! {
                <form method="post" action=ChooseSubmission::url()>
                    <input type="hidden" name="slug" value=slug/>
                    <input type="hidden" name="submission" value=row.id.to_string()/>
                    <button class="button small">{t::judging::choose(l)}</button>
                </form>
            }
        })
        .into_any()
}
